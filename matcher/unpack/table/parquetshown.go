package table

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// shower appends a value to dst as it is shown.
type shower func(dst, v []byte) []byte

// showParquet is how the values of a column are shown, and how many bytes each takes, 0 for any number.
func showParquet(e *format.SchemaElement) (shower, int) {
	switch e.Type.V {
	case format.Boolean:
		return func(dst, v []byte) []byte { return strconv.AppendBool(dst, v[0] != 0) }, 1
	case format.Int32:
		show := showInteger(e, 32)
		return func(dst, v []byte) []byte { return show(dst, int64(int32(binary.LittleEndian.Uint32(v)))) }, 4
	case format.Int64:
		show := showInteger(e, 64)
		return func(dst, v []byte) []byte { return show(dst, int64(binary.LittleEndian.Uint64(v))) }, 8
	case format.Int96:
		return showInt96, 12
	case format.Float:
		return func(dst, v []byte) []byte {
			return showFloat(dst, float64(math.Float32frombits(binary.LittleEndian.Uint32(v))), 32)
		}, 4
	case format.Double:
		return func(dst, v []byte) []byte {
			return showFloat(dst, math.Float64frombits(binary.LittleEndian.Uint64(v)), 64)
		}, 8
	case format.FixedLenByteArray:
		return showBytes(e), max(int(e.TypeLength.V), 0)
	}
	return showBytes(e), 0
}

// showInteger is how whole numbers are shown: as days and times of day in the form of ISO 8601, as decimals without zeros at their end, or
// as they are.
func showInteger(e *format.SchemaElement, size int) func([]byte, int64) []byte {
	converted := deprecated.ConvertedType(-1)
	if e.ConvertedType.Valid {
		converted = e.ConvertedType.V
	}
	switch t := e.LogicalType.Value.(type) {
	case *format.DateType:
		return showDay
	case *format.TimestampType:
		return showMoment(t.Unit)
	case *format.TimeType:
		return showClock(t.Unit)
	case *format.DecimalType:
		return func(dst []byte, n int64) []byte { return showDecimal(dst, big.NewInt(n), t.Scale) }
	case *format.IntType:
		if !t.IsSigned {
			return showUnsigned(size)
		}
	}
	switch converted {
	case deprecated.Date:
		return showDay
	case deprecated.TimestampMillis:
		return showMoment(format.TimeUnit{Value: &format.MilliSeconds{}})
	case deprecated.TimestampMicros:
		return showMoment(format.TimeUnit{Value: &format.MicroSeconds{}})
	case deprecated.TimeMillis:
		return showClock(format.TimeUnit{Value: &format.MilliSeconds{}})
	case deprecated.TimeMicros:
		return showClock(format.TimeUnit{Value: &format.MicroSeconds{}})
	case deprecated.Decimal:
		return func(dst []byte, n int64) []byte { return showDecimal(dst, big.NewInt(n), e.Scale.V) }
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return showUnsigned(size)
	}
	return func(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }
}

func showUnsigned(size int) func([]byte, int64) []byte {
	return func(dst []byte, n int64) []byte {
		return strconv.AppendUint(dst, uint64(n)&(1<<size-1), 10)
	}
}

func showDay(dst []byte, days int64) []byte {
	const most = 4_000_000 // beyond the year 9999
	if days < -most || days > most {
		return strconv.AppendInt(dst, days, 10)
	}
	return time.Unix(days*86400, 0).UTC().AppendFormat(dst, "2006-01-02")
}

// showMoment shows a time since 1970 without parts of seconds, and midnight as a day: of a date of birth that is all there is.
func showMoment(unit format.TimeUnit) func([]byte, int64) []byte {
	per := perSecond(unit)
	return func(dst []byte, n int64) []byte {
		seconds := n / per
		if n%per < 0 {
			seconds--
		}
		if n%per == 0 && seconds%86400 == 0 {
			return showDay(dst, seconds/86400)
		}
		if seconds < -1<<37 || seconds > 1<<38 { // some thousand years
			return strconv.AppendInt(dst, n, 10)
		}
		return time.Unix(seconds, 0).UTC().AppendFormat(dst, "2006-01-02 15:04:05")
	}
}

func showClock(unit format.TimeUnit) func([]byte, int64) []byte {
	per := perSecond(unit)
	return func(dst []byte, n int64) []byte {
		return time.Unix(n/per%86400, 0).UTC().AppendFormat(dst, "15:04:05")
	}
}

func perSecond(unit format.TimeUnit) int64 {
	if unit.Value == nil {
		return 1000
	}
	return int64(time.Second / unit.Value.Duration())
}

// showInt96 shows nanoseconds of a day and the day, counted as astronomers do.
func showInt96(dst, v []byte) []byte {
	const epoch = 2440588 // 1970-01-01
	day := int64(int32(binary.LittleEndian.Uint32(v[8:]))) - epoch
	nanos := binary.LittleEndian.Uint64(v)
	if nanos == 0 || nanos >= 86400e9 {
		return showDay(dst, day)
	}
	return time.Unix(day*86400+int64(nanos/1e9), 0).UTC().AppendFormat(dst, "2006-01-02 15:04:05")
}

func showFloat(dst []byte, f float64, size int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, size)
}

// showHalf shows a number of 16 bits (IEEE 754, binary16).
func showHalf(dst, v []byte) []byte {
	if len(v) != 2 {
		return hex.AppendEncode(dst, v)
	}
	n := binary.LittleEndian.Uint16(v)
	power, part := int(n>>10&31), float64(n&1023)
	switch f := math.Ldexp(1024+part, power-25); {
	case power == 31:
		return dst // none
	case power == 0:
		return showFloat(dst, math.Ldexp(part, -24), 32)
	case n>>15 == 1:
		return showFloat(dst, -f, 32)
	default:
		return showFloat(dst, f, 32)
	}
}

// showDecimal shows n with so many digits behind the point, without zeros at their end: a number that was kept as a decimal is a number.
func showDecimal(dst []byte, n *big.Int, scale int32) []byte {
	s := n.Append(nil, 10)
	if scale <= 0 || scale > 80 {
		return append(dst, s...)
	}
	if s[0] == '-' {
		dst, s = append(dst, '-'), s[1:]
	}
	for len(s) <= int(scale) {
		s = append([]byte{'0'}, s...)
	}
	whole, part := s[:len(s)-int(scale)], s[len(s)-int(scale):]
	for len(part) > 0 && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	if dst = append(dst, whole...); len(part) > 0 {
		dst = append(append(dst, '.'), part...)
	}
	return dst
}

// showBytes is how bytes are shown: as the text that they are, or in hex, which is read as what it stands for.
func showBytes(e *format.SchemaElement) shower {
	scale, decimal := e.Scale.V, e.ConvertedType.Valid && e.ConvertedType.V == deprecated.Decimal
	text := e.ConvertedType.Valid && e.ConvertedType.V == deprecated.UTF8
	switch t := e.LogicalType.Value.(type) {
	case *format.DecimalType:
		scale, decimal = t.Scale, true
	case *format.UUIDType:
		return showUUID
	case *format.Float16Type:
		return showHalf
	case *format.StringType, *format.JsonType, *format.EnumType:
		text = true
	}
	const widest = 64 // bytes of a decimal
	return func(dst, v []byte) []byte {
		switch {
		case decimal && len(v) <= widest:
			n := new(big.Int).SetBytes(v)
			if len(v) > 0 && v[0] >= 0x80 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(v))))
			}
			return showDecimal(dst, n, scale)
		case text || texty(v):
			return append(dst, v...)
		}
		return hex.AppendEncode(dst, v)
	}
}

func showUUID(dst, v []byte) []byte {
	if len(v) != 16 {
		return hex.AppendEncode(dst, v)
	}
	for i, part := range [][]byte{v[:4], v[4:6], v[6:8], v[8:10], v[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}
