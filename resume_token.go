package gamesparks

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// resumeTokenPrefix identifies a resume token and the version of its format.
const resumeTokenPrefix = "gsp1-"

// binding ties resume tokens to an operation and its parameters.
type binding struct {
	operation string
	key       [bindingSize]byte
}

const (
	bindingSize  = 8
	checksumSize = 8
)

func newBinding(operation string, params ...string) binding {
	sum := sha256.Sum256([]byte(operation + "\x00" + strings.Join(params, "\x00")))
	return binding{operation, [bindingSize]byte(sum[:bindingSize])}
}

// encode returns the position as a token: checksum, binding, number of items to skip, and the service's token.
func (b binding) encode(at position) string {
	payload := append(b.key[:], binary.AppendUvarint(nil, uint64(at.skip))...)
	payload = append(payload, aws.ToString(at.token)...)
	sum := sha256.Sum256(payload)
	return resumeTokenPrefix + base64.RawURLEncoding.EncodeToString(append(sum[:checksumSize], payload...))
}

var errDamagedToken = errors.New("the token is damaged: pass it unchanged, or list from the start")

func (b binding) decode(token string) (position, error) {
	at, err := b.parse(token)
	if err == nil && b.encode(at) != token {
		err = errDamagedToken // for example line breaks, which the decoder ignores
	}
	if err != nil {
		return position{}, fmt.Errorf("invalid starting token for %s: %w", b.operation, err)
	}
	return at, nil
}

func (b binding) parse(token string) (position, error) {
	encoded, ok := strings.CutPrefix(token, resumeTokenPrefix)
	if !ok {
		return position{}, errors.New("not a resume token in the format of this version: to start at a token of the service, set NextToken of the input instead")
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(data) < checksumSize+bindingSize {
		return position{}, errDamagedToken
	}
	sum := sha256.Sum256(data[checksumSize:])
	if string(sum[:checksumSize]) != string(data[:checksumSize]) {
		return position{}, errDamagedToken
	}
	if string(data[checksumSize:checksumSize+bindingSize]) != string(b.key[:]) {
		return position{}, errors.New("created for another operation or other parameters: use the same ones, or list from the start")
	}
	skip, n := binary.Uvarint(data[checksumSize+bindingSize:])
	if n <= 0 || skip > math.MaxInt32 {
		return position{}, errDamagedToken
	}
	at := position{skip: int(skip)}
	if rest := string(data[checksumSize+bindingSize+n:]); rest != "" {
		at.token = &rest
	}
	return at, nil
}
