package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/hedui/hedui/engine/api/wire"
)

//go:embed assets/*.css assets/*.js assets/*.svg
var assetFiles embed.FS

// asset is a file that pages are made of. Its address has a digest in it, so that it may
// be kept for ever.
type asset struct {
	kind    string
	content []byte
}

func (c *Console) loadAssets() error {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return err
	}
	c.assets, c.addresses = map[string]asset{}, map[string]string{}
	for _, e := range entries {
		content, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		c.assets[name] = asset{kind: mime.TypeByExtension(ext), content: content}
		c.addresses[e.Name()] = prefix + "/assets/" + name
	}
	return nil
}

func (c *Console) asset(name string) (string, error) {
	if to, ok := c.addresses[name]; ok {
		return to, nil
	}
	return "", errors.New("there is no asset " + name)
}

func (c *Console) sendAsset(v *visit) error {
	a, ok := c.assets[v.r.PathValue("name")]
	if !ok {
		return wire.Refuse(wire.NotFound)
	}
	h := v.w.Header()
	guard(h)
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(a.content)
	return nil
}
