/* SPDX-License-Identifier: MIT */
/* pair.h - between the halves */
int pair_two(void);
