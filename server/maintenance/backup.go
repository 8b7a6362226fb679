package maintenance

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// A backup has a line of text, the entries in the order of their keys, a zero byte, and the SHA-256 of everything before the
// digest:
//
//	gamesparks-server backup FORMAT TIME \n
//	length of the key, key, length of the value, value	for each entry; lengths are unsigned varints
//	0
//	SHA-256
//
// Keys are not empty, so no entry begins with a zero. Entries are those of every store, so a backup does not depend on the
// machine or on the kind of the store.

const (
	backupMagic = "gamesparks-server backup "

	// backupFormat is the version of the format. A change of the format or of the records that older versions of the package
	// would misread must increment it.
	backupFormat = 1

	maxHeaderBytes = 128
	maxKeyBytes    = 1 << 16
	maxValueBytes  = 1 << 31
)

var (
	// ErrNotBackup means that the data is not a backup.
	ErrNotBackup = errors.New("not a backup of gamesparks-server")

	// ErrBackupVersion means that a newer version of this package wrote the backup.
	ErrBackupVersion = errors.New("a newer version wrote the backup")

	// ErrDamagedBackup means that a backup is incomplete or does not match its digest.
	ErrDamagedBackup = errors.New("the backup is damaged")
)

// BackupInfo describes a backup.
type BackupInfo struct {
	// Time is the time at which the backup was started.
	Time time.Time

	// Entries is the number of entries.
	Entries int

	// Bytes is the size of the backup.
	Bytes int64

	// SHA256 is the digest of the whole backup, as the command sha256sum computes it.
	SHA256 [sha256.Size]byte
}

// Backup writes all entries of a store to w in one transaction: the backup has all updates that completed before the call,
// and no partial update. Other transactions can read and write at the same time. A store in a file keeps data that these
// transactions delete until Backup returns, so the file can grow if w is slow.
//
// The data written to w is incomplete if Backup returns an error; [VerifyBackup] and [Restore] reject it.
func Backup(ctx context.Context, store storage.Store, w io.Writer) (*BackupInfo, error) {
	info := &BackupInfo{Time: time.Now().UTC().Truncate(time.Second)}
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	buffered := bufio.NewWriterSize(out, 64<<10)
	n, _ := fmt.Fprintf(buffered, "%s%d %s\n", backupMagic, backupFormat, info.Time.Format(time.RFC3339)) // Flush reports errors
	info.Bytes = int64(n)
	err := store.View(ctx, func(r storage.Reader) error {
		var field []byte
		for e, err := range r.Scan(storage.Range{}) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			field = append(binary.AppendUvarint(field[:0], uint64(len(e.Key))), e.Key...)
			field = binary.AppendUvarint(field, uint64(len(e.Value)))
			_, _ = buffered.Write(field)
			if _, err := buffered.Write(e.Value); err != nil {
				return err
			}
			info.Entries++
			info.Bytes += int64(len(field) + len(e.Value))
		}
		return nil
	})
	if err == nil {
		err = errors.Join(buffered.WriteByte(0), buffered.Flush())
	}
	if err == nil {
		_, err = out.Write(sum.Sum(nil))
	}
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	info.Bytes += 1 + sha256.Size
	info.SHA256 = [sha256.Size]byte(sum.Sum(nil))
	return info, nil
}

// VerifyBackup reads a backup to its end and checks that it is complete and matches its digest. It does not check the records in
// the backup, as [Restore] does. The error wraps [ErrNotBackup], [ErrBackupVersion] or [ErrDamagedBackup], or comes from r.
func VerifyBackup(r io.Reader) (*BackupInfo, error) {
	b := newBackupReader(r)
	for _, err := range b.entries() {
		if err != nil {
			return nil, fmt.Errorf("verify: %w", err)
		}
	}
	return &b.info, nil
}

// Restore writes the entries of a backup to an empty store, compares the two, and checks the result as [Check] does. The
// target is incomplete if Restore returns an error. The error wraps [ErrNotBackup], [ErrBackupVersion] or [ErrDamagedBackup] if
// the backup cannot be used, and [ErrUnsound] if the records in it have problems.
func Restore(ctx context.Context, r io.Reader, to storage.Store) (*BackupInfo, *Report, error) {
	if err := checkEmpty(ctx, to); err != nil {
		return nil, nil, fmt.Errorf("restore: %w", err)
	}
	b := newBackupReader(r)
	want, err := writeEntries(ctx, b.entries(), to)
	if err == nil {
		err = compare(ctx, to, want)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("restore: %w", err)
	}
	report, err := checkCopy(ctx, to)
	return &b.info, report, err
}

// backupReader reads a backup and computes its digest.
type backupReader struct {
	r    *bufio.Reader
	sum  hash.Hash
	info BackupInfo
	char [1]byte // for ReadByte, which would otherwise allocate it
}

func newBackupReader(r io.Reader) *backupReader {
	return &backupReader{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
}

func damagedBackup(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamagedBackup, fmt.Sprintf(format, args...))
}

// Read implements [io.Reader].
func (b *backupReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.sum.Write(p[:n])
	b.info.Bytes += int64(n)
	return n, err
}

// ReadByte implements [io.ByteReader].
func (b *backupReader) ReadByte() (byte, error) {
	_, err := io.ReadFull(b, b.char[:])
	return b.char[0], err
}

// truncated returns the error for a read that failed with err.
func (b *backupReader) truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damagedBackup("it ends after %d bytes", b.info.Bytes)
	}
	return err
}

// entries iterates over the entries and stops after the first error. It completes b.info.
func (b *backupReader) entries() iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		if err := b.header(); err != nil {
			yield(storage.Entry{}, err)
			return
		}
		for {
			entry, err := b.entry()
			if err == nil && entry.Key == "" {
				if err = b.trailer(); err == nil {
					return
				}
			}
			if !yield(entry, err) || err != nil {
				return
			}
			b.info.Entries++
		}
	}
}

func (b *backupReader) header() error {
	line := make([]byte, 0, maxHeaderBytes)
	for len(line) == 0 || line[len(line)-1] != '\n' {
		char, err := b.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(line) > 0 && strings.HasPrefix(backupMagic, string(line)):
			return b.truncated(err)
		case errors.Is(err, io.EOF), err == nil && len(line) == maxHeaderBytes:
			return ErrNotBackup
		case err != nil:
			return err
		}
		line = append(line, char)
	}
	text, found := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), backupMagic)
	if !found {
		return ErrNotBackup
	}
	number, created, _ := strings.Cut(text, " ")
	format, err := strconv.Atoi(number)
	switch {
	case err != nil || format < 1:
		return damagedBackup("the format is %q", number)
	case format > backupFormat:
		return fmt.Errorf("%w: its format is %d, but this program supports only formats up to %d: upgrade the program", ErrBackupVersion, format, backupFormat)
	}
	if b.info.Time, err = time.Parse(time.RFC3339, created); err != nil {
		return damagedBackup("the time is %q", created)
	}
	return nil
}

// entry returns the next entry. The key is empty at the end of the entries.
func (b *backupReader) entry() (e storage.Entry, err error) {
	key, err := b.field("key", maxKeyBytes)
	if err != nil || len(key) == 0 {
		return e, err
	}
	value, err := b.field("value", maxValueBytes)
	return storage.Entry{Key: string(key), Value: value}, err
}

// field reads a length and as many bytes. Memory is allocated as the bytes arrive, since a damaged length can be large.
func (b *backupReader) field(name string, limit uint64) ([]byte, error) {
	at := b.info.Bytes
	length, err := binary.ReadUvarint(b)
	switch {
	case err != nil && b.info.Bytes-at == binary.MaxVarintLen64, err == nil && length > limit:
		return nil, damagedBackup("the length of the %s at offset %d is too large", name, at)
	case err != nil:
		return nil, b.truncated(err)
	}
	var content bytes.Buffer
	if _, err := io.CopyN(&content, b, int64(length)); err != nil {
		return nil, b.truncated(err)
	}
	return content.Bytes(), nil
}

// trailer reads and compares the digest.
func (b *backupReader) trailer() error {
	want, found := b.sum.Sum(nil), make([]byte, sha256.Size)
	if _, err := io.ReadFull(b, found); err != nil {
		return b.truncated(err)
	}
	if !bytes.Equal(want, found) {
		return damagedBackup("it does not match its digest")
	}
	b.info.SHA256 = [sha256.Size]byte(b.sum.Sum(nil))
	if _, err := b.ReadByte(); err == nil {
		return damagedBackup("it has data after the digest")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
