package codegen

// GenerateFiles returns the generated files without an archive. Fuzz tests use it to avoid the cost of compression.
var GenerateFiles = generate
