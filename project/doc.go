// Package project keeps the configuration of a game as a directory of files, so that editors, linters, reviews and CI
// pipelines work on it. It uses only the SDK, so it works against any endpoint.
//
// # The directory
//
//	game.json                                  name, description and tags of the game; role, description and tags of its stages
//	sections/NAME.json                         the content of the section NAME
//	sections/GameSparks.Core.RequestHandlers/  the scripts of request handlers: HANDLER.js is the script of the handler HANDLER
//	sections/GameSparks.Core.EventHandlers/    the scripts of event handlers
//	.gamesparks/                               the record of the last fetch, apply and plan file; not for version control
//
// [Read] reads a directory, [Write] and [Fetch] write one. The package writes JSON in one canonical form: members sorted by
// name, two spaces per level, a final newline, and the digits of numbers unchanged. Values nested more than 32 levels deep
// are on one line. Reading accepts any JSON in UTF-8, but no repeated names.
//
// # Scripts
//
// A script is either a file or the string at /HANDLER/Code/Script in the section's file, never both. Fetch writes a file,
// with the bytes of the script, unless the name of the handler is not portable as a file name. A portable name consists
// of at most 100 letters, digits, dots, hyphens and underscores, begins with a letter, digit or underscore, is not a
// device name of Windows, and does not differ from another handler's name only in case. The script of any other handler
// stays in the JSON, as does a script that is not valid Unicode.
//
// Git must not convert the line endings of scripts. [Init] and Fetch create a .gitattributes file for this, unless the
// directory has one.
//
// # Restrictions
//
// The files of a game must be regular files: symbolic links are rejected. So are two sections whose names differ only in
// case, because one would overwrite the other on a case-insensitive file system. In the directories of sections and
// scripts, files whose names begin with a dot or end with a tilde are ignored, except sections. Any other unexpected file
// there is an error.
//
// # Plans
//
// [NewPlan] compares a directory with a server, and [Apply] writes the difference. A plan is bound to the state that it was
// computed from: Apply reads the game again, and writes nothing if a part that the plan changes differs.
//
// Apply writes the configuration in one call, with the fewest modifications, or with an import if modifications cannot
// express the change. Modifications cannot remove a section or replace its whole content. They cannot address a top-level
// member whose name is empty or too long for a path. A call accepts at most 100 of them.
//
// Deletions are explicit: without pruning, a plan keeps sections and stages that only the server has. A plan never prunes
// with a directory that has no sections, or no stages.
package project
