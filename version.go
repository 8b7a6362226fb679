package gamesparks

// version is the version of this module, as it stands in the User-Agent header.
const version = "0.1.0"
