package province

// readings, looked up once in the dictionary of pypinyin (MIT), are the usual ones of
// all characters of the name tables but the rare
// ones, as surnames where that matters: a syllable, ü written V, and its characters.
var readings = [...]string{
	"A 阿", "AI 爱艾", "AN 安", "BA 巴", "BAI 柏白", "BAN 班", "BAO 包豹", "BEI 蓓", "BI 比碧", "BIAN 卞",
	"BIAO 彪", "BIN 彬斌", "BO 博波", "BU 卜布", "CAI 彩才蔡", "CAN 灿", "CAO 曹", "CHAN 婵", "CHANG 常昌长", "CHAO 超",
	"CHE 车", "CHEN 晨辰陈", "CHENG 成承程诚", "CHI 迟驰", "CHONG 崇种", "CHU 褚", "CHUAN 传川", "CHUN 春纯", "CUI 崔翠", "DA 大达",
	"DAI 代戴黛", "DAN 丹旦", "DAO 道", "DE 德", "DENG 邓", "DI 娣迪", "DING 丁", "DONG 东冬栋董", "DOU 都", "DU 杜",
	"DUAN 段", "DUO 铎", "E 娥", "ER 尔", "FAN 凡樊范", "FANG 房方芳", "FEI 菲费飞", "FEN 芬", "FENG 丰冯凤峰锋", "FU 付傅富甫福符",
	"GAN 甘", "GANG 刚钢", "GAO 高", "GE 盖葛革", "GEN 根", "GENG 耿", "GONG 贡龚", "GU 古谷顾", "GUAN 关官管", "GUANG 光广",
	"GUI 桂贵", "GUO 国郭", "HA 哈", "HAI 海", "HAN 汗涵翰韩", "HANG 航", "HAO 浩皓豪郝", "HE 何合和河荷贺鹤", "HONG 宏弘洪红鸿", "HOU 侯",
	"HU 湖狐胡虎", "HUA 华", "HUAN 欢焕", "HUANG 皇黄", "HUI 慧辉", "HUO 霍", "JI 吉季纪继", "JIA 佳家贾", "JIAN 健坚建简", "JIANG 姜江蒋",
	"JIAO 娇焦", "JIE 婕杰洁", "JIN 津瑾金锦靳", "JING 景晶荆菁静", "JIU 久", "JU 菊", "JUAN 娟", "JUN 俊军峻钧骏", "KA 卡", "KAI 凯开",
	"KANG 康", "KE 克可柯", "KONG 孔", "KU 库", "KUANG 匡", "LA 拉", "LAI 来", "LAN 兰岚蓝", "LANG 郎", "LE 乐",
	"LEI 磊蕾雷", "LENG 冷", "LI 丽利力李梨礼立莉里黎", "LIAN 莲连", "LIANG 亮梁良", "LIAO 廖", "LIN 林琳", "LING 令凌岭灵玲苓菱", "LIU 刘柳", "LONG 龙",
	"LOU 娄", "LU 卢璐芦路陆露鲁", "LUO 罗骆", "LV 吕", "MA 玛马", "MAI 买麦", "MAN 曼", "MAO 毛", "MEI 媚梅", "MENG 孟",
	"MI 米", "MIAO 苗", "MIN 敏", "MING 明铭鸣", "MO 墨莫", "MU 木牟穆", "NA 娜", "NAN 南楠", "NI 倪尼", "NIE 聂",
	"NING 宁", "NIU 牛", "NU 努", "NUO 诺", "OU 区欧", "PA 帕", "PAN 潘", "PANG 庞", "PEI 沛裴", "PENG 彭鹏",
	"PIAO 朴", "PING 平萍", "PU 蒲", "QI 其启奇戚琪祁绮齐", "QIAN 倩千茜钱", "QIANG 强", "QIAO 乔巧", "QIN 琴秦覃", "QING 庆青", "QIU 仇秋邱",
	"QU 屈曲瞿", "QUAN 全泉", "RAN 冉然", "RAO 饶", "RE 热", "REN 仁任", "RONG 嵘荣蓉", "ROU 肉", "RU 如茹", "RUAN 阮",
	"RUI 瑞睿蕊锐", "RUN 润", "RUO 若", "SEN 森", "SHA 沙莎", "SHAN 单善姗山珊", "SHANG 上商尚", "SHAO 少绍邵", "SHEN 沈申", "SHENG 生盛胜",
	"SHI 世史施石诗", "SHOU 守", "SHU 姝树淑舒", "SHUAI 帅", "SHUN 顺", "SI 司思斯", "SONG 宋松", "SU 素苏", "SUI 隋", "SUN 孙",
	"TA 塔", "TAN 谈谭", "TANG 唐棠", "TAO 桃涛陶", "TENG 滕腾", "TI 提", "TIAN 天田", "TIE 铁", "TING 婷", "TONG 佟同彤桐童",
	"TU 吐图涂", "WA 瓦", "WAN 万婉", "WANG 旺汪王", "WEI 为伟卫威尉炜维薇韦魏", "WEN 文温闻", "WU 伍吴吾武", "XI 喜曦熙西", "XIA 夏霞", "XIAN 仙先贤",
	"XIANG 向祥翔项香", "XIAO 孝小晓肖萧骁", "XIE 解谢", "XIN 信心新欣辛鑫馨", "XING 兴星杏邢", "XIONG 熊雄", "XIU 秀绣", "XU 徐许", "XUAN 萱轩", "XUE 学薛雪",
	"XUN 逊", "YA 亚雅", "YAN 严妍嫣岩彦晏燕艳闫阎颜", "YANG 杨洋阳", "YAO 姚瑶耀", "YE 叶烨耶", "YI 一义伊依怡易毅衣", "YIN 尹殷茵音", "YING 应缨英莹莺颖", "YONG 勇永",
	"YOU 佑友游", "YU 于余俞喻宇玉语雨", "YUAN 元原圆媛源袁远", "YUE 岳悦月", "YUN 云芸", "ZAI 再", "ZE 泽", "ZENG 曾", "ZHA 查", "ZHAI 翟",
	"ZHAN 詹", "ZHANG 张章", "ZHAO 赵", "ZHE 哲", "ZHEN 珍贞镇", "ZHENG 正郑", "ZHI 之志智芝", "ZHONG 中仲忠钟", "ZHOU 周", "ZHU 朱柱珠祝诸",
	"ZHUANG 庄", "ZHUO 卓", "ZI 子孜梓紫", "ZONG 宗", "ZOU 邹", "ZU 祖", "ZUO 左",
}

// traditional pairs a character of the name tables with its traditional form.
var traditional = [...]string{
	"张張", "刘劉", "陈陳", "杨楊", "黄黃", "赵趙", "吴吳", "孙孫", "马馬", "罗羅", "郑鄭", "谢謝", "许許", "韩韓", "邓鄧", "冯馮", "萧蕭", "叶葉", "苏蘇", "吕呂",
	"卢盧", "钟鍾", "谭譚", "陆陸", "范範", "贾賈", "韦韋", "邹鄒", "阎閻", "龙龍", "贺賀", "顾顧", "龚龔", "万萬", "钱錢", "严嚴", "单單", "区區", "欧歐", "阳陽",
	"诸諸", "迟遲", "于於", "姜薑", "蒋蔣", "娄婁", "饶饒", "关關", "兰蘭", "齐齊", "乔喬", "庞龐", "颜顏", "庄莊", "聂聶", "鲁魯", "费費", "项項", "骆駱", "连連",
	"纪紀", "车車", "芦蘆", "应應", "简簡", "谈談", "蓝藍", "华華", "闻聞", "荆荊", "宁寧", "强強", "涂塗", "游遊", "谷穀", "凤鳳", "国國", "东東", "军軍", "伟偉",
	"涛濤", "鹏鵬", "飞飛", "云雲", "红紅", "艳艷", "丽麗", "晓曉", "静靜", "娇嬌", "莲蓮", "贵貴", "庆慶", "荣榮", "兴興", "辉輝", "维維", "杰傑", "刚剛", "胜勝",
	"泽澤", "轩軒", "诗詩", "语語", "颖穎", "莹瑩", "洁潔", "学學", "凯凱", "树樹", "长長", "义義", "乐樂", "亚亞", "贤賢", "远遠", "岚嵐", "铭銘", "锋鋒", "锐銳",
	"锦錦", "钢鋼", "铁鐵", "继繼", "绍紹", "纯純", "绮綺", "顺順", "骏駿", "驰馳", "骁驍", "鸿鴻", "鹤鶴", "爱愛", "启啟", "坚堅", "帅帥", "广廣", "开開", "欢歡",
	"润潤", "灵靈", "炜煒", "灿燦", "烨燁", "瑶瑤", "礼禮", "达達", "钧鈞", "铎鐸", "镇鎮", "栋棟", "贞貞", "志誌", "家傢", "才纔", "莺鶯", "缨纓", "绣繡", "诚誠",
	"传傳", "来來", "嵘嶸", "岭嶺", "腾騰", "焕煥", "为為", "余餘", "闫閆", "卫衛", "丰豐", "玛瑪", "热熱", "尔爾", "买買", "麦麥", "图圖", "贡貢",
}

// variants pairs a character with another form of it that people and systems mix up.
var variants = [...]string{
	"高髙", "吴吳", "吕呂", "黄黃", "温溫", "峰峯", "秋秌", "志誌", "岳嶽", "强彊", "梅楳", "秀琇", "彦彥", "颜顔", "青靑", "静靜",
	"德徳", "尚尙", "肖萧", "萧肖", "付傅", "傅付", "闫阎", "阎闫", "戴代", "代戴", "于於", "邱丘", "余佘",
}
