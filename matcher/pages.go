package matcher

import "errors"

// Records that only hits need do not stay in memory. A page of them is sealed by itself, AES-256 in GCM under a key that
// nobody but this process ever had, each time under another nonce and bound to its place, and lies in a temporary file
// that has no name where the system allows.
const (
	recordSize  = 32
	pageRecords = 15
	pageData    = pageRecords * recordSize // 480
	pageNonce   = 8
	pageSize    = 512 // on disk: nonce, data, the seal's 16 bytes, and nothing
	chunkPages  = 128
	chunkOnDisk = chunkPages * pageSize

	// memoryChunks is how many chunks stay in memory before all but the last go to the file: 245,760 records in 7.5 MiB.
	memoryChunks = 128
)

type (
	page       [pageData]byte
	chunk      [chunkPages]page
	pageNumber uint32
)

// pages are sealed records. Readers keep writers out by a lock that is not here.
type pages struct {
	temp    string   // folder; "" keeps all in memory
	chunks  []*chunk // nil: in the file
	spare   *chunk   // an empty one
	kept    map[pageNumber]*page
	records uint32 // that were handed out, with 0, which is none
	file    *sealedFile
	most    int   // chunks in memory before the rest goes to the file
	failed  error // why something is in memory that should be in the file
}

func newPages(temp string) *pages {
	return &pages{temp: temp, records: 1, chunks: []*chunk{{}}, kept: map[pageNumber]*page{}, most: memoryChunks}
}

// errPages is what a reader says when a page cannot be had. What the system said names the folder.
var errPages = errors.New("the registry's temporary file cannot be read")

// extend hands out n records in a row, and gives the first.
func (p *pages) extend(n int) (uint32, error) {
	first := p.records
	if uint64(first)+uint64(n) >= 1<<32 {
		return 0, errors.New("registry: more than four thousand million records")
	}
	p.records += uint32(n)
	for int(p.records-1)/pageRecords/chunkPages >= len(p.chunks) {
		p.spill()
		c := p.spare
		if p.spare = nil; c == nil {
			c = &chunk{}
		}
		p.chunks = append(p.chunks, c)
	}
	return first, nil
}

// spill moves full chunks to the file once memory has its share. What cannot be written stays.
func (p *pages) spill() {
	if p.temp == "" || p.failed != nil || p.file == nil && len(p.chunks) < p.most {
		return
	}
	if p.file == nil {
		if p.file, p.failed = newSealedFile(p.temp); p.failed != nil {
			return
		}
	}
	for i, c := range p.chunks {
		if c == nil {
			continue
		}
		if p.failed = p.file.writeChunk(i, c); p.failed != nil {
			return
		}
		clear(c[:])
		p.chunks[i], p.spare = nil, c
	}
}

// at gives a record's page and its place there.
func at(record uint32) (pageNumber, int) {
	return pageNumber(record / pageRecords), int(record%pageRecords) * recordSize
}

// here gives a page that is in memory, or nil.
func (p *pages) here(n pageNumber) *page {
	if c := p.chunks[n/chunkPages]; c != nil {
		return &c[n%chunkPages]
	}
	if len(p.kept) > 0 {
		return p.kept[n]
	}
	return nil
}

// read brings a page that is not in memory.
func (p *pages) read(n pageNumber, into *page, buf *[pageSize]byte) error {
	return p.file.read(n, into, buf)
}

// write replaces a page. One that cannot be written stays in memory.
func (p *pages) write(n pageNumber, data *page) {
	if own := p.here(n); own != nil {
		*own = *data
		return
	}
	if err := p.file.writePage(n, data); err != nil {
		p.failed = err
		p.kept[n] = new(*data)
	}
}

// close removes the file. Nobody may use the pages any more.
func (p *pages) close() {
	if p.file != nil {
		p.file.close()
	}
}
