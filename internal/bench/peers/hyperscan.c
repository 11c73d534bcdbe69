/* Runs hyperscan in streams over a file: hyperscan PATTERN... FILE. Prints how many ends of matches there were. */
#include <fcntl.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int on_match(unsigned int id, unsigned long long from, unsigned long long to, unsigned int flags, void *n) {
	(void)id, (void)from, (void)to, (void)flags;
	++*(unsigned long long *)n;
	return 0;
}

int main(int argc, char **argv) {
	int count = argc - 2, fd = open(argv[argc - 1], O_RDONLY);
	unsigned flags[64] = {0}, ids[64];
	hs_database_t *db;
	hs_compile_error_t *err;
	hs_scratch_t *scratch = NULL;
	hs_stream_t *stream;
	unsigned long long n = 0;
	static char buf[256 << 10];
	ssize_t got;
	if (count < 1 || count > 64 || fd < 0) return 2;
	for (int i = 0; i < count; i++) ids[i] = i;
	if (hs_compile_multi((const char *const *)argv + 1, flags, ids, count, HS_MODE_STREAM, NULL, &db, &err) != HS_SUCCESS) return 3;
	if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS || hs_open_stream(db, 0, &stream) != HS_SUCCESS) return 4;
	while ((got = read(fd, buf, sizeof buf)) > 0)
		if (hs_scan_stream(stream, buf, got, 0, scratch, on_match, &n) != HS_SUCCESS) return 5;
	hs_close_stream(stream, scratch, on_match, &n);
	printf("%llu\n", n);
	return got < 0;
}
