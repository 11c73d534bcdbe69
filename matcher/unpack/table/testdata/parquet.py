# Makes the Parquet files of this folder: python3 parquet.py, with pyarrow 26.0.1, duckdb 2.0.0 and fastparquet 2026.9.0.
import base64, datetime, decimal
import duckdb, fastparquet, pandas
import pyarrow as pa, pyarrow.parquet as pq, pyarrow.parquet.encryption as pe

N = 90
names = ["Meikäläinen" if i % 3 else "Matti" for i in range(N)]
hetu = ["010594Y%04d" % i if i % 7 else None for i in range(N)]
born = [datetime.date(1994, 5, 1) + datetime.timedelta(i) for i in range(N)]
flat = pa.table({"name": names, "hetu": hetu, "born": born, "phone": pa.array([358401000000 + i for i in range(N)]), "weight": pa.array([None if i % 5 == 0 else i / 4 for i in range(N)])})
for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    pq.write_table(flat, f"{codec}.parquet", compression=codec, row_group_size=60, data_page_size=200, write_page_index=True, write_page_checksum=codec == "zstd")
pq.write_table(flat, "v2.parquet", data_page_version="2.0", compression="zstd", data_page_size=200, use_dictionary=False,
    column_encoding={"name": "DELTA_BYTE_ARRAY", "hetu": "DELTA_LENGTH_BYTE_ARRAY", "born": "DELTA_BINARY_PACKED", "phone": "DELTA_BINARY_PACKED", "weight": "BYTE_STREAM_SPLIT"})

types = pa.table({
    "bool": pa.array([True, False, None]), "i8": pa.array([-7, 8, None], pa.int8()), "u32": pa.array([4294967295, 1, None], pa.uint32()), "u64": pa.array([2**64 - 1, 1, None], pa.uint64()),
    "f32": pa.array([0.1, 401234567.0, None], pa.float32()), "f64": pa.array([401234567.0, float("nan"), None]), "f16": pa.array([1, 2, None], pa.float16()),
    "ms": pa.array([datetime.datetime(1994, 5, 1), datetime.datetime(1994, 5, 1, 13, 4, 5), datetime.datetime(1931, 12, 31, 23, 59, 59)], pa.timestamp("ms")), "us": pa.array([datetime.datetime(1994, 5, 1)] * 3, pa.timestamp("us", "UTC")), "ns": pa.array([datetime.datetime(1994, 5, 2)] * 3, pa.timestamp("ns")),
    "time": pa.array([datetime.time(13, 4, 5)] * 3, pa.time64("us")), "dec": pa.array([decimal.Decimal("401234567.00"), decimal.Decimal("-0.05"), None], pa.decimal128(20, 2)), "dec32": pa.array([decimal.Decimal("12.50")] * 3, pa.decimal128(6, 2)),
    "text": pa.array([b"plain text", "Mäkinen".encode(), None], pa.binary()), "blob": pa.array([b"\x1f\x8b\x08\x00\x01\x02", b"", None], pa.binary()), "fixed": pa.array([b"ABCDEF"] * 3, pa.binary(6)),
})
pq.write_table(types, "types.parquet", version="2.6", store_decimal_as_integer=False)
pq.write_table(types.select(["ms", "ns", "dec", "dec32"]), "old.parquet", version="1.0", use_deprecated_int96_timestamps=True, store_decimal_as_integer=True)

person = pa.struct([("name", pa.string()), ("born", pa.date32()), ("mails", pa.list_(pa.string()))])
nested = pa.table({"id": [1, 2, 3, 4], "people": pa.array([
        [{"name": "Matti", "born": datetime.date(1994, 5, 1), "mails": ["a@example.com", "b@example.com"]}, {"name": "Maija", "born": datetime.date(1952, 10, 13), "mails": []}],
        [], None, [{"name": "Liisa", "born": None, "mails": None}]], pa.list_(person)),
    "keys": pa.array([[("k1", 1), ("k2", 2)], [], None, [("k3", None)]], pa.map_(pa.string(), pa.int32())), "last": ["w", "x", "y", "z"]})
pq.write_table(nested, "nested.parquet")
pq.write_table(nested, "nested2.parquet", data_page_version="2.0", row_group_size=2)

class KMS(pe.KmsClient):
    def __init__(self, c): super().__init__()
    def wrap_key(self, key, master): return base64.b64encode(key)
    def unwrap_key(self, key, master): return base64.b64decode(key)
factory = pe.CryptoFactory(KMS)
for name, plain in [("sealed", False), ("columns", True)]:
    conf = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["hetu"]}, plaintext_footer=plain)
    with pq.ParquetWriter(f"{name}.parquet", flat.schema, encryption_properties=factory.file_encryption_properties(pe.KmsConnectionConfig(), conf)) as w:
        w.write_table(flat)

db = duckdb.connect()
db.register("flat", flat)
for version in ["V1", "V2"]:
    db.execute(f"COPY (SELECT *, 'x' || (phone % 3) AS few, phone % 2 = 0 AS even, '0a000000-0000-4000-8000-00000000000a'::UUID AS id FROM flat) TO 'duckdb{version}.parquet' (FORMAT parquet, PARQUET_VERSION {version})")
frame = flat.to_pandas()
frame["born"] = pandas.to_datetime(frame["born"]).astype("datetime64[ns]")
fastparquet.write("fastparquet.parquet", frame, compression="GZIP", row_group_offsets=[0, 50], times="int96", object_encoding="utf8")

words = pa.array(["x" * 500_000, "010594Y9032"])
bomb = pa.table({"word": pa.DictionaryArray.from_arrays(pa.array([1] + [0] * 2_000_000, pa.int32()), words)})
pq.write_table(bomb, "bomb.parquet", compression="zstd", row_group_size=3_000_000, store_schema=False)
