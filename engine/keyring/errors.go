package keyring

import "errors"

// Errors of this package.
var (
	// ErrLocked is returned for an encrypted data directory without its key file.
	ErrLocked = errors.New("the data directory is encrypted and no key file was given")
	// ErrNotEncrypted is returned for a key file with a data directory that is not
	// encrypted.
	ErrNotEncrypted = errors.New("a key file was given, but the data directory is not encrypted")
	// ErrPlain is returned for a file of an encrypted data directory that is not sealed.
	ErrPlain = errors.New("not sealed, although the data directory is encrypted")
	// ErrSealed is returned for bytes that do not open: another key, another place, or
	// changed bytes. It cannot be told which.
	ErrSealed = errors.New("sealed bytes do not open: they were changed or moved, or sealed with another key")
	// ErrDestroyed is returned for a data key that is not in keys.json.
	ErrDestroyed = errors.New("the data key was destroyed: what was sealed with it cannot be read again")
	// ErrExhausted is returned by a key that has sealed as often as is safe.
	ErrExhausted = errors.New("the data key was used too often")
	// ErrLoose is returned for a key file that others than its owner may read or write.
	ErrLoose = errors.New("others may read or write the key file")
	// ErrForeign is returned for a key file of another data directory.
	ErrForeign = errors.New("the key file belongs to another data directory")
	// ErrInside is returned for a key file inside the data directory it would protect.
	ErrInside = errors.New("the key file must lie outside the data directory")
	// ErrNotEmpty is returned by Init for a directory that holds data already.
	ErrNotEmpty = errors.New("the data directory holds data that is not encrypted")
	// ErrExists is returned by Init for a directory that is encrypted already.
	ErrExists = errors.New("the data directory is encrypted already")
	// ErrNoMaster is returned for a data key that a master key wraps which the key file
	// does not have.
	ErrNoMaster = errors.New("the key file lacks the master key that wraps a data key")
	// ErrDamaged is returned for a key file or a keys.json that is not what was written.
	ErrDamaged = errors.New("damaged")
)
