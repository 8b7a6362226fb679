package gamesparks

// version is the version of this module in the User-Agent header.
const version = "0.1.0"
