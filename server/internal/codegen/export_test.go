package codegen

// GenerateFiles returns the generated files without an archive, for fuzz tests, which would compress most of the time.
var GenerateFiles = generate
