package sigv4_test

import "testing"

func BenchmarkVerify(b *testing.B) {
	c := newCall()
	r := c.sign(b)
	verifier, hash := newVerifier(), hashOf(c.body)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := verify(verifier, r, hash); err != nil {
			b.Fatal(err)
		}
	}
}
