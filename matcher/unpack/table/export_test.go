package table

import (
	"context"
	"io"

	"leakwatch/matcher/unpack/child"
)

// Workbook reads the stream of a workbook without the compound file around it.
func Workbook(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	return workbook(ctx, io.NewSectionReader(in, 0, size), e)
}
