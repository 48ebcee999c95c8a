// SPDX-License-Identifier: MIT
/*
 * sort.c - sorting arrays and lists in the memory they have
 *
 * Arrays by heapsort: the same n log n for every input and no recursion. An
 * element that sinks follows the larger children to a leaf first and then
 * climbs back to its place, which takes about half the comparisons of stopping
 * on the way, since most elements belong near the leaves.
 *
 * Lists by merging sorted runs bottom-up, as one counts in binary: stable, and
 * an input in order costs few comparisons.
 */
#include <linux/export.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/sort.h>
#include <linux/string.h>

/* What sort_r() was called with. */
struct array {
	char *base;
	size_t size;
	cmp_r_func_t cmp;
	swap_r_func_t swap;
	const void *priv;
};

static void swap_bytes(char *a, char *b, size_t size)
{
	char part[64];

	while (size) {
		size_t n = size < sizeof(part) ? size : sizeof(part);

		memcpy(part, a, n);
		memcpy(a, b, n);
		memcpy(b, part, n);
		a += n;
		b += n;
		size -= n;
	}
}

static void swap_elements(const struct array *arr, size_t i, size_t j)
{
	char *a = arr->base + i * arr->size, *b = arr->base + j * arr->size;

	if (arr->swap)
		arr->swap(a, b, arr->size, arr->priv);
	else
		swap_bytes(a, b, arr->size);
}

static int compare(const struct array *arr, size_t i, size_t j)
{
	return arr->cmp(arr->base + i * arr->size, arr->base + j * arr->size, arr->priv);
}

/* Let element @top of a heap of @num sink to where it belongs. */
static void sift_down(const struct array *arr, size_t top, size_t num)
{
	size_t leaf = top, place, child;

	while ((child = 2 * leaf + 1) < num) {
		if (child + 1 < num && compare(arr, child, child + 1) < 0)
			child++;
		leaf = child;
	}
	/* Climb to the first on the way that is larger: the place is there. */
	for (place = leaf; place != top && compare(arr, place, top) < 0; )
		place = (place - 1) / 2;
	/* The top goes there, and all on the way move up by one. */
	for (size_t i = place; i != top; ) {
		i = (i - 1) / 2;
		swap_elements(arr, i, place);
	}
}

/**
 * sort_r - sort an array in place
 * @base: its first element
 * @num: how many there are
 * @size: bytes of one
 * @cmp_func: < 0, 0, > 0 as the first belongs before, with or behind the second
 * @swap_func: exchanges two elements; NULL for the plain way
 * @priv: given to both
 *
 * Context: that of the two functions; no allocation, no locks. Not stable.
 */
void sort_r(void *base, size_t num, size_t size, cmp_r_func_t cmp_func,
	    swap_r_func_t swap_func, const void *priv)
{
	struct array arr = { base, size, cmp_func, swap_func, priv };

	for (size_t top = num / 2; top-- > 0; )
		sift_down(&arr, top, num);
	for (size_t end = num; end-- > 1; ) {
		swap_elements(&arr, 0, end);
		sift_down(&arr, 0, end);
	}
}
EXPORT_SYMBOL(sort_r);

/* The caller's two functions of sort(), behind sort_r()'s. */
struct plain {
	cmp_func_t cmp;
	swap_func_t swap;
};

static int plain_compare(const void *a, const void *b, const void *priv)
{
	return ((const struct plain *)priv)->cmp(a, b);
}

static void plain_swap(void *a, void *b, int size, const void *priv)
{
	((const struct plain *)priv)->swap(a, b, size);
}

/* sort_r() with functions that take no @priv. */
void sort(void *base, size_t num, size_t size, cmp_func_t cmp_func, swap_func_t swap_func)
{
	struct plain plain = { cmp_func, swap_func };

	sort_r(base, num, size, plain_compare, swap_func ? plain_swap : NULL, &plain);
}
EXPORT_SYMBOL(sort);

/* Two sorted chains, linked by next and ended by NULL, into one; @a's come first when equal. */
static struct list_head *merge(void *priv, list_cmp_func_t cmp, struct list_head *a,
			       struct list_head *b)
{
	struct list_head *first, **tail = &first;

	while (a && b) {
		struct list_head **from = cmp(priv, a, b) > 0 ? &b : &a;

		*tail = *from;
		tail = &(*from)->next;
		*from = *tail;
	}
	*tail = a ? a : b;
	return first;
}

/**
 * list_sort - sort a list
 * @priv: given to @cmp
 * @head: the list's head
 * @cmp: > 0 when its first argument belongs behind the second; 0 keeps the order
 *
 * Context: that of @cmp; the caller keeps the list to itself. Stable.
 */
void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp)
{
	/* run[i] is a sorted chain of 2^i entries, or NULL; later ones were added later */
	struct list_head *run[64] = { NULL };
	struct list_head *chain, *next, *pos, *prev = head;
	unsigned int i, used = 0;

	if (list_empty(head) || list_is_singular(head))
		return;

	head->prev->next = NULL;
	for (pos = head->next; pos; pos = next) {
		next = pos->next;
		pos->next = NULL;
		chain = pos;
		for (i = 0; run[i]; i++) {
			chain = merge(priv, cmp, run[i], chain);
			run[i] = NULL;
		}
		run[i] = chain;
		if (i >= used)
			used = i + 1;
	}
	for (chain = NULL, i = 0; i < used; i++)
		if (run[i])
			chain = merge(priv, cmp, run[i], chain);

	for (pos = chain; pos; pos = pos->next) {
		prev->next = pos;
		pos->prev = prev;
		prev = pos;
	}
	prev->next = head;
	head->prev = prev;
}
EXPORT_SYMBOL(list_sort);
