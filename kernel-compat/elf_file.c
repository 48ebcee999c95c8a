// SPDX-License-Identifier: MIT
/*
 * elf_file.c - section strings and needed symbols of an ELF file
 *
 * The loader asks which symbols of a module nobody offers, and what the module
 * says about itself, both before any of its code runs. The file may be anything
 * that a person typed, so every offset is checked against its size.
 *
 * Differs from Linux: reads only; relocation is the dynamic linker's.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel-compat/elf_file.h"

static bool is_elf(const struct elf_file *elf)
{
	const Elf64_Ehdr *head = (const void *)elf->data;
	const int order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

	return elf->size >= sizeof(*head) && !memcmp(head->e_ident, ELFMAG, SELFMAG) &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_ident[EI_DATA] == order;
}

int elf_open(struct elf_file *elf, const char *path)
{
	struct stat st;
	void *data;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		ret = -errno;
		goto out;
	}
	ret = S_ISDIR(st.st_mode) ? -EISDIR : -ENOEXEC;
	if (!S_ISREG(st.st_mode) || !st.st_size)
		goto out;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		ret = -errno;
		goto out;
	}
	elf->data = data;
	elf->size = (size_t)st.st_size;
	ret = 0;
	if (!is_elf(elf)) {
		elf_close(elf);
		ret = -ENOEXEC;
	}
out:
	close(fd);
	return ret;
}

void elf_close(struct elf_file *elf)
{
	munmap((void *)elf->data, elf->size);
}

/* The bytes of a section, or NULL if they are not all in the file */
static const char *section_bytes(const struct elf_file *elf, const Elf64_Shdr *sec)
{
	if (sec->sh_type == SHT_NOBITS || sec->sh_offset > elf->size ||
	    sec->sh_size > elf->size - sec->sh_offset)
		return NULL;
	return elf->data + sec->sh_offset;
}

static const Elf64_Shdr *section_at(const struct elf_file *elf, size_t i)
{
	const Elf64_Ehdr *head = (const void *)elf->data;
	size_t at;

	if (i >= head->e_shnum || head->e_shentsize < sizeof(Elf64_Shdr) ||
	    head->e_shoff > elf->size)
		return NULL;
	at = head->e_shoff + i * head->e_shentsize;
	if (at % _Alignof(Elf64_Shdr) || at > elf->size || elf->size - at < sizeof(Elf64_Shdr))
		return NULL;
	return (const void *)(elf->data + at);
}

/* String at @offset of a string table; "" if it is not wholly inside */
static const char *string_at(const struct elf_file *elf, const Elf64_Shdr *table, size_t offset)
{
	const char *bytes = table ? section_bytes(elf, table) : NULL;

	if (!bytes || offset >= table->sh_size ||
	    !memchr(bytes + offset, '\0', table->sh_size - offset))
		return "";
	return bytes + offset;
}

static int each_string_of(const char *at, size_t size,
			  int (*fn)(const char *text, void *arg), void *arg)
{
	const char *end = at + size;
	int ret = 0;

	while (at < end && !ret) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));

		if (!nul)
			break;
		if (nul > at)	/* padding is a run of empty strings */
			ret = fn(at, arg);
		at = nul + 1;
	}
	return ret;
}

int elf_each_string(const struct elf_file *elf, const char *section,
		    int (*fn)(const char *text, void *arg), void *arg)
{
	const Elf64_Ehdr *head = (const void *)elf->data;
	const Elf64_Shdr *names = section_at(elf, head->e_shstrndx);
	const Elf64_Shdr *sec;
	int ret = 0;

	for (size_t i = 0; !ret && (sec = section_at(elf, i)); i++) {
		const char *bytes = section_bytes(elf, sec);

		if (bytes && !strcmp(string_at(elf, names, sec->sh_name), section))
			ret = each_string_of(bytes, sec->sh_size, fn, arg);
	}
	return ret;
}

static int each_needed_of(const struct elf_file *elf, const Elf64_Shdr *sec,
			  int (*fn)(const char *name, void *arg), void *arg)
{
	const Elf64_Shdr *strings = section_at(elf, sec->sh_link);
	const Elf64_Sym *syms = (const void *)section_bytes(elf, sec);
	size_t nr = sec->sh_size / sizeof(*syms);
	int ret = 0;

	if (!syms || sec->sh_offset % _Alignof(Elf64_Sym))
		return 0;
	for (size_t i = 1; i < nr && !ret; i++) {
		const char *name = string_at(elf, strings, syms[i].st_name);

		if (syms[i].st_shndx == SHN_UNDEF && *name &&
		    ELF64_ST_BIND(syms[i].st_info) == STB_GLOBAL)
			ret = fn(name, arg);
	}
	return ret;
}

int elf_each_needed(const struct elf_file *elf, int (*fn)(const char *name, void *arg), void *arg)
{
	const Elf64_Shdr *sec;
	int ret = 0;

	for (size_t i = 0; !ret && (sec = section_at(elf, i)); i++)
		if (sec->sh_type == SHT_DYNSYM)
			ret = each_needed_of(elf, sec, fn, arg);
	return ret;
}
