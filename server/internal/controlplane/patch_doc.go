// # JSON Patch
//
// patch.go and value.go apply modifications to a section as defined in RFC 6902. Tests compare them with
// github.com/evanphx/json-patch/v5. The server does not use that library, because it has deviations that the caller cannot
// prevent by validating its input:
//
//   - It accepts "01", "+1" and "-0" as array indices. All three are also valid member names, so rejecting the right ones
//     requires a walk through the section.
//   - It cannot address a member with an empty name. At the root of a section it changes a copy, reports success and loses
//     the change.
//   - An imported section can have duplicate names. The library writes the last value twice, or null for a removed value.
//     Repairing this requires another pass over the section.
//   - It rewrites the escapes in all names of an object that it decodes, and replaces lone surrogates with U+FFFD.
//   - It copies an array for each insertion and removal.
//   - It does not report which step failed, and does not stop between steps if the request is canceled.
//
// It handles "-", the order of members, null and the digits of numbers correctly. TestDeviationsOfJSONPatch documents the
// deviations, and BenchmarkModifications measures the cost. Each figure is the best of six in one run on two shared
// cores; the ratio is the library's time divided by the server's. The library applies all steps in one call, without the
// checks and repairs that the server would need:
//
//	section               modifications   server            json-patch        ratio
//	1 KB, 1 entry                     1    15 µs,  6 KB       38 µs,   8 KB     2.4
//	1 KB, 1 entry                    10    33 µs,  8 KB       52 µs,  10 KB     1.6
//	1 KB, 1 entry                   100   240 µs, 26 KB      173 µs,  28 KB     0.7
//	1 MB, 1,000 entries               1   9.8 ms, 5.5 MB    24.5 ms, 3.7 MB     2.5
//	1 MB, 1,000 entries              10  11.9 ms, 5.5 MB    17.7 ms, 3.8 MB     1.5
//	1 MB, 1,000 entries             100   8.6 ms, 5.7 MB    16.9 ms, 3.7 MB     2.0
//	1 MB, list of 200,000             1    38 ms,  24 MB      67 ms,  24 MB     1.7
//	1 MB, list of 200,000           100    39 ms,  24 MB     287 ms, 184 MB     7.3
package controlplane
