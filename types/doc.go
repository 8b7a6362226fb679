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
// Enumerations are strings. A response keeps values that this package does not know, so a switch over an enumeration
// needs a default case. The empty string is an absent member.
//
// # Errors
//
// The error of a call wraps one of the exception types if the service returned an error of that type. Each implements
// smithy.APIError. Errors of the service with other codes are *smithy.GenericAPIError.
package types
