package pdf

import (
	"crypto/aes"
	"crypto/cipher"
	"io"
)

type cbcReader struct {
	r     io.Reader
	block cipher.Block
	mode  cipher.BlockMode
	held  []byte // the last block, of which a part is padding if nothing follows
	rest  []byte
	buf   [4096]byte
	end   bool
}

func (c *cbcReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.end {
			return 0, io.EOF
		}
		c.fill()
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *cbcReader) fill() {
	if c.mode == nil {
		iv := make([]byte, aes.BlockSize)
		if _, err := io.ReadFull(c.r, iv); err != nil {
			c.end = true
			return
		}
		c.mode = cipher.NewCBCDecrypter(c.block, iv)
	}
	k := copy(c.buf[:], c.held)
	n, err := io.ReadFull(c.r, c.buf[k:])
	whole := n / aes.BlockSize * aes.BlockSize
	b := c.buf[:k+whole]
	c.mode.CryptBlocks(b[k:], b[k:])
	if err == nil && len(b) > aes.BlockSize {
		c.held = append(c.held[:0], b[len(b)-aes.BlockSize:]...)
		c.rest = b[:len(b)-aes.BlockSize]
		return
	}
	c.end = true
	if pad := 0; len(b) > 0 {
		if pad = int(b[len(b)-1]); pad > 0 && pad <= aes.BlockSize {
			b = b[:len(b)-pad]
		}
	}
	c.rest = b
}
