// SPDX-License-Identifier: MIT
/*
 * Proves: a program in C++ includes uwq/paio.h alone, embeds requests in its classes and
 * links.
 */
#include <uwq/paio.h>

#include <cstdio>

struct page {
	char bytes[64];
	qemu_paiocb acb;
};

int main()
{
	std::FILE *file = std::tmpfile();
	page out = {}, in = {};
	bool good;

	std::snprintf(out.bytes, sizeof(out.bytes), "from C++");
	good = file && !paio_write(&out.acb, fileno(file), out.bytes, 64, 100) &&
	       !paio_wait(&out.acb) && paio_return(&out.acb) == 64 &&
	       !paio_read(&in.acb, fileno(file), in.bytes, 64, 100) && !paio_wait(&in.acb) &&
	       paio_error(&in.acb) == 0 && in.bytes[5] == 'C';
	std::printf("TAP version 13\n1..1\n%s 1 paio in C++\n", good ? "ok" : "not ok");
	return good ? 0 : 1;
}
