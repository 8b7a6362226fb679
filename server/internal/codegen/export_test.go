package codegen

// GenerateFiles returns the generated files. Fuzz tests use it to avoid the cost of compression.
var GenerateFiles = generate
