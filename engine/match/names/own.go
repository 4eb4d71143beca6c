package names

// These tables are the project's own; they hold without any derived data.

// surnameReadings are readings that a character has, or mostly has, as a surname.
// They join the readings of the dictionary, because people type both.
var surnameReadings = [...][2]string{
	{"单", "shan chan"},
	{"仇", "qiu"},
	{"区", "ou"},
	{"解", "xie"},
	{"查", "zha"},
	{"曾", "zeng"},
	{"任", "ren"},
	{"种", "chong"},
	{"朴", "piao"},
	{"盖", "ge gai"},
	{"繁", "po"},
	{"尉", "yu wei"},
	{"迟", "chi"},
	{"万", "wan mo"},
	{"俟", "qi"},
	{"覃", "qin tan"},
	{"乐", "yue le"},
	{"员", "yun"},
	{"黑", "he hei"},
	{"洗", "xian"},
	{"冼", "xian"},
	{"折", "she"},
	{"翟", "zhai di"},
	{"葛", "ge"},
	{"华", "hua"},
	{"宁", "ning"},
	{"燕", "yan"},
	{"应", "ying"},
	{"哈", "ha"},
	{"令", "ling"},
	{"过", "guo"},
	{"缪", "miao"},
	{"秘", "bi"},
	{"秦", "qin"},
	{"召", "shao"},
	{"谌", "chen shen"},
	{"隗", "wei kui"},
	{"逄", "pang"},
	{"逯", "lu"},
	{"禚", "zhuo"},
	{"郇", "xun huan"},
	{"郗", "chi xi"},
	{"都", "du"},
	{"教", "jiao"},
	{"车", "che"},
	{"石", "shi"},
	{"相", "xiang"},
	{"重", "chong"},
	{"褚", "chu"},
	{"戚", "qi"},
	{"於", "yu"},
	{"吕", "lv"},
	{"长", "zhang"},
	{"澹", "tan"},
	{"台", "tai"},
	{"适", "kuo"},
	{"牟", "mu mou"},
	{"费", "fei bi"},
	{"撒", "sa"},
	{"那", "na"},
	{"柏", "bai bo"},
	{"卜", "bu"},
	{"祭", "zhai"},
	{"訾", "zi"},
	{"佴", "nai"},
	{"占", "zhan"},
	{"句", "gou"},
	{"能", "nai"},
	{"会", "gui"},
	{"阚", "kan"},
	{"晁", "chao"},
}

// surnameSwaps are surnames that one family writes both ways, because the short
// form was official for a time or was taken at registration.
var surnameSwaps = [...]string{"肖萧", "付傅", "闫阎", "代戴", "兰蓝", "丘邱", "宁甯", "丰酆"}

// compounds are the surnames of more than one character.
var compounds = [...]string{
	"欧阳", "司马", "上官", "诸葛", "司徒", "东方", "独孤", "南宫", "夏侯", "尉迟", "万俟", "皇甫", "公孙", "慕容", "令狐",
	"宇文", "长孙", "轩辕", "端木", "百里", "呼延", "闻人", "赫连", "澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "太叔",
	"申屠", "仲孙", "钟离", "鲜于", "闾丘", "亓官", "司空", "司寇", "子车", "颛孙", "巫马", "公西", "漆雕", "乐正", "壤驷",
	"公良", "拓跋", "夹谷", "宰父", "谷梁", "段干", "东郭", "南门", "羊舌", "微生", "左丘", "西门", "第五", "完颜", "纳兰",
	"叶赫", "爱新觉罗", "东野", "梁丘", "即墨", "达奚", "褚师", "欧陽",
}

// surnames are single-character surnames, enough to tell a name from garbage.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢" +
	"姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐" +
	"易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙" +
	"鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和" +
	"仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢扈谌位计傅萧阎代丘甯朴盖区种繁" +
	"那车髙尉逄逯禚郇於範後雲水牧皮花云苍羊危宿印岳昌常凤伏平支屠"

// shapes are groups of characters that are taken for each other when copied by
// hand or read by machine.
var shapes = [...]string{
	"己已巳", "未末", "日曰", "士土", "天夭夫", "人入八", "王玉主", "大太犬", "白自", "田由甲申", "千干", "午牛", "刀力",
	"戊戌戍戎", "冶治", "晴睛", "泽译", "佳住", "洁沽", "凤风", "徽微", "崇祟", "侯候", "免兔", "钧钓钩", "杨扬场", "娟捐",
	"陈阵", "祝视", "祁祈", "邢刑", "郭廓", "宇字", "晨震霞", "悦锐", "倩清情", "帅师", "卯卵", "佘余", "段殷", "沐沭", "彤形",
	"莱菜", "历厉", "拨拔", "券卷", "载栽", "管菅", "毫豪", "芳芬", "玲铃", "旭旮", "茹菇", "庆厌", "崔雀", "贝见", "斤斥",
	"小少", "木术本", "兰三", "元无", "云去", "汪江", "何河", "俞愉", "哓晓", "萍苹", "棟栋", "刚钢", "博搏", "蓝篮",
}
