module github.com/gamesparks-go/gamesparks/internal/benchmarks

go 1.26.0

replace github.com/gamesparks-go/gamesparks => ../..

require (
	github.com/aws/aws-sdk-go v1.45.28
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/aws-sdk-go-v2/service/lambda v1.114.3
	github.com/aws/smithy-go v1.28.9
	github.com/gamesparks-go/gamesparks v0.0.0-00010101000000-000000000000
)

require (
	github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream v1.7.26 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.11 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.11 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/jmespath/go-jmespath v0.4.0 // indirect
)
