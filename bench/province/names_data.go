package province

// The tables below are ordered from frequent to rare; names.go turns the rank into
// a weight. They are small on purpose: enough for top-heavy, cohort-bound names.

// surnames begin with the hundred or so most frequent ones.
var surnames = []string{
	"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高", "罗",
	"郑", "梁", "谢", "宋", "唐", "许", "韩", "邓", "冯", "曹", "彭", "曾", "肖", "田", "董", "潘", "袁", "蔡", "蒋", "余",
	"于", "杜", "叶", "程", "魏", "苏", "吕", "丁", "任", "卢", "姚", "沈", "钟", "姜", "崔", "谭", "陆", "范", "汪", "廖",
	"石", "金", "韦", "贾", "夏", "付", "方", "邹", "熊", "白", "孟", "秦", "邱", "侯", "江", "尹", "薛", "闫", "段", "雷",
	"龙", "黎", "史", "陶", "贺", "毛", "郝", "顾", "龚", "邵", "万", "覃", "武", "钱", "戴", "严", "莫", "孔", "向", "常",
	"萧", "傅", "阎", "洪", "阮", "单", "仇", "区", "解", "查", "尉", "欧阳", "上官", "诸葛", "司马", "皇甫", "尉迟", "令狐",
}

// givenNames are whole given names by sex (0 female, 1 male) and era of birth:
// before 1960, 1960–1979, 1980–1999, since 2000.
var givenNames = [2][4][]string{
	{
		{"秀英", "桂英", "秀兰", "玉兰", "桂兰", "玉英", "秀珍", "凤英", "玉珍", "兰英", "淑珍", "素珍", "桂芳", "玉梅", "淑英", "翠兰", "金凤", "素英"},
		{"秀英", "芳", "玉梅", "丽", "秀芳", "桂芳", "英", "敏", "红", "霞", "燕", "玲", "艳", "秀兰", "春梅", "丽华", "小红", "建华", "翠平", "秋菊"},
		{"静", "丽", "芳", "艳", "敏", "娟", "婷", "婷婷", "丹", "霞", "燕", "娜", "雪", "倩", "莉", "晶", "玲玲", "丽丽", "晓燕", "雅婷"},
		{"欣怡", "雨欣", "诗涵", "梓涵", "欣妍", "雨涵", "可馨", "思雨", "佳怡", "梓萱", "一诺", "语桐", "若曦", "静怡", "心怡", "子涵"},
	},
	{
		{"建国", "玉山", "国华", "德明", "文明", "志明", "国强", "明", "荣", "德胜", "玉林", "金山", "树林", "建华", "富贵", "长根", "家才", "世友"},
		{"军", "勇", "建国", "伟", "建军", "强", "建华", "平", "斌", "杰", "国强", "志强", "涛", "海涛", "明", "永强", "国庆", "卫东", "红军", "文革"},
		{"伟", "磊", "涛", "超", "强", "鹏", "杰", "浩", "波", "鑫", "帅", "飞", "宁", "凯", "俊", "亮", "明", "志伟", "海波", "文斌"},
		{"浩然", "子轩", "浩宇", "宇轩", "宇航", "俊杰", "子豪", "博文", "浩", "梓豪", "一鸣", "天佑", "俊熙", "思远", "子墨", "皓轩"},
	},
}

// givenSyllables compose the given names that are not in givenNames.
var givenSyllables = [2][4]string{
	{"英秀玉桂兰珍凤芳淑素梅翠琴荣华金香菊云莲爱月", "丽英秀红玉梅春霞玲艳芳燕华萍桂云平琴兰娟凤娥", "丽婷晓静雪艳敏燕娟玲莉芳文佳慧娜倩欣媛雅琳洁", "欣雨涵诗怡梓佳思可语若一心妍桐琪瑶萱悦馨彤晨"},
	{"国德明文玉金建志荣世长家树林生才富春贵福山根", "建国军志文永海强华明平红卫东春林勇伟新光生忠", "伟志文海俊晓明杰鹏涛磊超浩波龙飞凯强斌宇亮辉", "子浩宇俊梓轩博文天一思皓泽睿晨辰熙杰豪远航铭"},
}

// rareSyllables occur in real names and break systems made for smaller character
// sets: outside the BMP, extension A, and readable but rarely typed ones.
var rareSyllables = []string{"𠮷", "䶮", "喆", "淼", "堃", "犇", "昇", "垚", "玥", "祎", "翀", "旻", "赟", "龑", "㛃", "晔"}

// Names of the kind given·father's name.
var (
	dottedGiven = [2][]string{
		{"阿依古丽", "古丽娜尔", "帕提古丽", "热依汗", "阿米娜", "再娜甫", "米热古丽", "努尔比亚"},
		{"买买提", "艾合买提", "阿卜杜拉", "玉素甫", "吐尔逊", "艾尼瓦尔", "麦麦提江", "依明江"},
	}
	dottedFather = []string{"买买提", "艾合买提", "阿卜杜拉", "玉素甫", "吐尔逊", "卡德尔", "依明", "热合曼", "司马义", "库尔班"}
)

// county is a place that gives document numbers, units and plates their beginning.
type county struct {
	code   int
	name   string
	letter string // second sign of a plate
	city   string
}

// homeCounties are where households live; the first ones are the larger.
var homeCounties = []county{
	{340104, "蜀山区", "A", "合肥市"},
	{341221, "临泉县", "K", "阜阳市"},
	{340111, "包河区", "A", "合肥市"},
	{341226, "颍上县", "K", "阜阳市"},
	{341202, "颍州区", "K", "阜阳市"},
	{340123, "肥西县", "A", "合肥市"},
	{340504, "雨山区", "E", "马鞍山市"},
	{340521, "当涂县", "E", "马鞍山市"},
}

// birthCounties are where document numbers were given out besides: other places,
// a division that no longer exists, and the prefixes of the residence permits.
var birthCounties = []int{340103, 340121, 341223, 320102, 330106, 410102, 420106, 653101, 810000, 820000, 830000}

const firstPermit = 8 // index in birthCounties of 810000

// institutions keep accounts; the first ones have most customers.
var institutions = []string{
	"农业银行", "农村商业银行", "邮政储蓄银行", "工商银行", "建设银行", "中国银行", "徽商银行", "交通银行", "招商银行", "中信银行", "浦发银行", "光大银行",
	"民生银行", "兴业银行", "平安银行", "杭州银行", "东莞银行", "科技农商银行", "村镇银行", "广发银行", "华夏银行", "浙商银行", "渤海银行", "恒丰银行",
}

var (
	employerPlaces = []string{"合肥", "阜阳", "马鞍山", "安徽", "蜀山", "颍州", "临泉", "当涂"}
	employerWords  = []string{"华安", "恒达", "鑫源", "宏图", "天成", "瑞丰", "金桥", "远大", "新世纪", "众兴", "长江", "皖北", "汇通", "东方", "永盛", "佳和"}
	employerTrades = []string{"服饰", "建筑劳务", "餐饮管理", "物流", "食品", "机械制造", "电子科技", "物业服务", "商贸", "农业科技", "家政服务", "人力资源", "装饰工程", "超市"}
	roads          = []string{"长江西路", "人民路", "颍河路", "解放大道", "望江路", "建设村", "团结村", "新桥村", "湖东路", "向阳社区", "大王庄", "幸福家园"}
)
