// Package types contains the data types that operations of the GameSparks API share: structures, enumerations and errors.
// Inputs contain them as parameters, outputs as results:
//
//	out, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("lighthouse")})
//	var missing *types.ResourceNotFoundException
//	switch {
//	case errors.As(err, &missing):
//		fmt.Println("create the game first:", missing.ErrorMessage())
//	case err != nil:
//		log.Fatal(err)
//	case out.Game.State == types.GameStateActive:
//		fmt.Println(*out.Game.Name, "can be used")
//	}
//
// # Structures
//
// A nil pointer, list or map is an absent member. A response can omit any member, so check a pointer before you
// dereference it. Limits in the documentation are those of the service; a client checks them before it sends a request
// if Options.StrictValidation is set. A copy of a structure shares its pointers, lists and maps.
//
// # Enumerations
//
// Enumerations are strings. Values that this package does not know are preserved in responses, so a switch over an
// enumeration needs a default case. The empty string is an absent member.
//
// # Errors
//
// If the service returns an error of one of the exception types, the error of the call wraps it. Each type implements
// smithy.APIError. Service errors with other codes are of type *smithy.GenericAPIError.
package types
