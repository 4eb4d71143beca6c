package province

// The tables of this file make the names of a corrupted province as varied as those
// of a real one, where most full names are borne by few people. A plain province
// keeps to the small tables, so that its bytes stay what they were.

// moreSurnames follow the surnames of names_data.go in frequency.
var moreSurnames = []string{
	"温", "康", "施", "文", "牛", "樊", "葛", "邢", "安", "齐", "易", "乔", "伍", "庞", "颜", "倪", "庄", "聂", "章", "鲁",
	"岳", "翟", "殷", "詹", "申", "欧", "耿", "关", "兰", "焦", "俞", "左", "柳", "甘", "祝", "包", "宁", "尚", "符", "舒",
	"裴", "路", "梅", "盛", "童", "涂", "费", "霍", "季", "曲", "成", "游", "项", "苗", "桂", "谷", "辛", "卓", "穆", "瞿",
	"骆", "连", "艾", "牟", "屈", "纪", "车", "明", "房", "冉", "芦", "卜", "喻", "管", "柯", "凌", "靳", "应", "褚", "娄",
	"蒲", "佟", "古", "饶", "滕", "柏", "郎", "阳", "简", "谈", "祁", "司", "沙", "冷", "蓝", "宗", "华", "强", "衣", "代",
	"朴", "盖", "种", "吉", "商", "戚", "木", "原", "晏", "隋", "闻", "荆", "匡", "景", "仲", "卞", "全",
}

// moreSyllables are added to givenSyllables: those of one sex, then those of both.
var (
	moreSyllables = [2]string{
		"洁莹颖萍芬蓉岚露蕾薇菲珊璐瑾莎曼婕媚娇妍嫣舒苗青紫翠巧珠莺彩碧黛仙灵桃杏柳荷菱菁茜茵蕊蓓芸苓梨棠绮纯缨绣娣婵姗姝婉娥",
		"刚峰锋钢铁锐毅坚威虎彪豹雄翔鸿鹤骏驰骁腾耀炜烨灿焕彦哲翰弘宏洪源江河湖洋泉津润沛岩岳峻嵘崇岭川奇钧铎锦镇柱栋梁松柏楠",
	}
	moreSyllablesOfBoth = [...]string{"安宁康健顺和平祥瑞福喜乐欢庆吉昌盛兴旺达广大正义仁礼智信孝诚良善贤道元利贞天星辰雨夏秋冬东南中方圆白凡如之维彬子小成学友同为少仲继绍承传启守立来开先光全芝芳丰久千万亚"}
	moreDottedGiven     = [2][]string{
		{"阿依努尔", "古丽米热", "祖丽菲亚", "玛依拉", "热孜万古丽", "布威海里其", "迪丽努尔", "茹克耶", "哈丽旦", "阿瓦古丽", "齐曼古丽", "月尔古丽"},
		{"阿布都拉", "亚森", "吾斯曼", "玉山江", "阿力木", "木合塔尔", "图尔贡", "努尔买买提", "达吾提", "艾力", "肉孜", "伊力哈木"},
	}
	moreDottedFather = []string{"阿布都拉", "亚森", "吾斯曼", "阿力木", "木合塔尔", "图尔贡", "达吾提", "艾力", "肉孜", "伊力哈木", "热西提", "苏来曼", "依布拉音", "塔依尔", "巴拉提"}
)

// rareCharacter is one that systems made for smaller character sets write otherwise.
type rareCharacter struct {
	char        string
	homophone   string // a common character that sounds the same
	traditional string // the traditional or a variant form; empty when there is none
	pinyin      string
}

// rareCharacters are the rare syllables of a corrupted province.
var rareCharacters = []rareCharacter{
	{"𠮷", "吉", "吉", "JI"},
	{"䶮", "岩", "龑", "YAN"},
	{"喆", "哲", "哲", "ZHE"},
	{"淼", "秒", "渺", "MIAO"},
	{"堃", "昆", "坤", "KUN"},
	{"犇", "奔", "奔", "BEN"},
	{"昇", "生", "升", "SHENG"},
	{"垚", "尧", "堯", "YAO"},
	{"玥", "月", "", "YUE"},
	{"祎", "一", "禕", "YI"},
	{"翀", "冲", "", "CHONG"},
	{"旻", "民", "", "MIN"},
	{"赟", "云", "贇", "YUN"},
	{"龑", "岩", "䶮", "YAN"},
	{"㛃", "洁", "", "JIE"},
	{"晔", "叶", "曄", "YE"},
	{"燚", "义", "", "YI"},
	{"甯", "宁", "寧", "NING"},
	{"瑀", "宇", "", "YU"},
	{"頔", "迪", "𬱖", "DI"},
	{"彧", "玉", "", "YU"},
	{"昉", "访", "", "FANG"},
	{"玹", "玄", "", "XUAN"},
	{"琎", "进", "璡", "JIN"},
	{"曌", "照", "照", "ZHAO"},
	{"㬎", "显", "顯", "XIAN"},
	{"璟", "景", "", "JING"},
	{"玘", "起", "", "QI"},
	{"烜", "选", "", "XUAN"},
	{"炘", "心", "", "XIN"},
}

// newWideNamer composes the names of a corrupted province.
func newWideNamer() *namer {
	n := &namer{rarePer1000: bearersPer1000, common: 2, single: 1}
	n.surnames = append(append(n.surnames, surnames...), moreSurnames...)
	n.surname = newRanked(len(n.surnames), 4)
	for sex := range givenNames {
		n.dottedGiven[sex] = append(append(n.dottedGiven[sex], dottedGiven[sex]...), moreDottedGiven[sex]...)
		for era := range givenNames[sex] {
			n.given[sex][era] = newRanked(len(givenNames[sex][era]), 8)
			for _, c := range givenSyllables[sex][era] + moreSyllables[sex] + moreSyllablesOfBoth[0] {
				n.syllables[sex][era] = append(n.syllables[sex][era], string(c))
			}
			n.syllable[sex][era] = newRanked(len(n.syllables[sex][era]), 20)
		}
	}
	n.dottedFather = append(append(n.dottedFather, dottedFather...), moreDottedFather...)
	for _, c := range rareCharacters {
		n.rare = append(n.rare, c.char)
	}
	return n
}
