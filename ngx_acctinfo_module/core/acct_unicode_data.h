
/*
 * Made by unicode/tables.py from the files of Unicode 15.0.0 and from our own
 * tables beside it; never edited.  What comes from Unicode stands under this
 * notice:
 *
 *  UNICODE, INC. LICENSE AGREEMENT - DATA FILES AND SOFTWARE
 *
 *  COPYRIGHT AND PERMISSION NOTICE
 *
 *  Copyright (C) 1991-2022 Unicode, Inc. All rights reserved.
 *  Distributed under the Terms of Use in
 *  https://www.unicode.org/copyright.html.
 *
 *  Permission is hereby granted, free of charge, to any person obtaining
 *  a copy of the Unicode data files and any associated documentation
 *  (the "Data Files") or Unicode software and any associated
 *  documentation (the "Software") to deal in the Data Files or Software
 *  without restriction, including without limitation the rights to use,
 *  copy, modify, merge, publish, distribute, and/or sell copies of the
 *  Data Files or Software, and to permit persons to whom the Data Files
 *  or Software are furnished to do so, provided that either
 *  (a) this copyright and permission notice appear with all copies of the
 *  Data Files or Software, or
 *  (b) this copyright and permission notice appear in associated
 *  Documentation.
 *
 *  THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF
 *  ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
 *  WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 *  NONINFRINGEMENT OF THIRD PARTY RIGHTS. IN NO EVENT SHALL THE COPYRIGHT
 *  HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR
 *  ANY SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY DAMAGES
 *  WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 *  ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT
 *  OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA FILES OR
 *  SOFTWARE.
 *
 *  Except as contained in this notice, the name of a copyright holder
 *  shall not be used in advertising or otherwise to promote the sale, use
 *  or other dealings in these Data Files or Software without prior
 *  written authorization of the copyright holder.
 */


#ifndef ACCT_UNICODE_DATA_H_INCLUDED
#define ACCT_UNICODE_DATA_H_INCLUDED


#include <stdint.h>


#define ACCT_UNICODE_VERSION        "15.0.0"
#define ACCT_CLASS_SYMBOL           0
#define ACCT_CLASS_SPACE            1
#define ACCT_CLASS_LETTER           2
#define ACCT_CLASS_LATIN            3
#define ACCT_CLASS_GREEK            4
#define ACCT_CLASS_CYRILLIC         5
#define ACCT_CLASS_HAN              6
#define ACCT_CLASS_KANA             7
#define ACCT_CLASS_BOPOMOFO         8
#define ACCT_CLASS_HANGUL           9
#define ACCT_CLASS_MARK             10
#define ACCT_CLASS_NUMBER           11
#define ACCT_CLASS_GROUP            0x0f
#define ACCT_CLASS_KEEP             0x10
#define ACCT_CLASS_DIGIT            0x20
#define ACCT_CLASS_MAP              0x40
#define ACCT_CLASS_TOKEN            0x80
#define ACCT_CLASS_STAY             27
#define ACCT_BASE_SELF              0x0100
#define ACCT_BASE_DROP              0x0200
#define ACCT_BASE_ALTERED           0x0400
#define ACCT_BASE_PLAIN             0x0800
#define ACCT_BASE_SECOND            0x1000
#define ACCT_BASE_NONSPACING        0x2000
#define ACCT_BASE_FLAG              0x4000
#define ACCT_BASE_FIRST             0x8000
#define ACCT_BASE_LEN               0x00ff
#define ACCT_BASE_OVERLAY           0x0001
#define ACCT_DROP_CONTROL           1
#define ACCT_DROP_IGNORABLE         2
#define ACCT_DROP_BIDI              4
#define ACCT_DROP_JOINER            8
#define ACCT_DROP_ENCLOSING         16
#define ACCT_DROP_SELECTOR          32
#define ACCT_SCRIPT_LOOSE           1
#define ACCT_SCRIPT_JOINS           2
#define ACCT_SCRIPT_KANA            4
#define ACCT_SCRIPT_INHERITED       8
#define ACCT_SYLLABLE_MAX           6
#define ACCT_FOLD_CHARS             8
#define ACCT_FOLD_BYTES             18
#define ACCT_GROWTH_BASE            6
#define ACCT_GROWTH_BARE            6
#define ACCT_GROWTH_HAN             6
#define ACCT_GROWTH_LATIN           6
#define ACCT_GROWTH_DIGITS          1
#define ACCT_GROWTH_SOUND           6


extern const uint16_t  acct_class_index[8704];
extern const uint8_t  acct_class_leaf[52736];
extern const uint32_t  acct_class_add[256];
extern const uint16_t  acct_base_index[8704];
extern const uint16_t  acct_base_leaf[24704];
extern const uint32_t  acct_base_pool[10403];
extern const uint32_t  acct_base_ascii[128];
extern const uint64_t  acct_pairs[523];
extern const uint16_t  acct_pairs_order[523];
extern const uint16_t  acct_script_index[8704];
extern const uint8_t  acct_script_leaf[31744];
extern const uint8_t  acct_scripts[164];
extern const uint8_t  acct_flag_pairs[85];
extern const uint16_t  acct_strip_index[512];
extern const uint16_t  acct_strip_leaf[1536];
extern const uint16_t  acct_lookalike_index[512];
extern const uint16_t  acct_lookalike_leaf[2432];
extern const uint8_t  acct_leet[128];
extern const uint16_t  acct_han_index[398];
extern const uint16_t  acct_han_leaf[22400];
extern const uint32_t  acct_strokes[7];
extern const uint16_t  acct_unmask_cyrillic[128];
extern const uint16_t  acct_unmask_greek[128];
extern const uint32_t  acct_unmask_even[133];
extern const uint32_t  acct_unmask_masked[4];
extern const uint32_t  acct_unmask_drawn[12];
extern const uint32_t  acct_digit_runs[100];
extern const uint16_t  acct_sound_index[2048];
extern const uint16_t  acct_sound_leaf[78336];
extern const uint8_t  acct_syllables[3352];


#endif /* ACCT_UNICODE_DATA_H_INCLUDED */
