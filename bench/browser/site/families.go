package site

import (
	"fmt"

	"github.com/hedui/hedui/bench/browser/corpus"
)

// Rare is how many of the families have a name that is hard to write down.
const Rare = 20

// Families are the families that a site has: first the Rare ones, then some for what
// pages must bear, then hostile ones.
func Families() []*Family { return families(true) }

// Friendly are the same without the hostile ones.
func Friendly() []*Family { return families(false) }

func families(all bool) []*Family {
	var out []*Family
	make := func(why string) *Family {
		f := newFamily(len(out)+1, why)
		out = append(out, f)
		return f
	}
	rare(make)
	bearing(make)
	if all {
		hostile(make)
	}
	return out
}

// rare are families of people whose names fall out of fonts, files and tables.
func rare(make func(string) *Family) {
	make("𠮷, outside the first plane").join("𠮷国强", "head", 1970).join("𠮷小宝", "child", 2015).
		paid(1, "合肥市𠮷祥食品有限公司", "wage", "4800.00", 12).saved(1, "工商银行", "83217.45").drives(1, "皖A77701", "car")
	make("䶮, GB18030-2022").join("刘䶮", "head", 1968).join("刘䶮䶮", "child", 2012).saved(1, "建设银行", "120.00").owns(1, "蜀山区䶮山路1号", "residential").owns(1, "蜀山区䶮山路2号", "residential")
	make("㛃, extension A").join("王㛃", "head", 1975).join("王㛃㛃", "spouse", 1974).paid(2, "㛃美容店", "labour", "900.00", 6)
	uy := make("阿依古丽·买买提, with the middle dot").join("阿依古丽·买买提", "head", 1980).join("买买提·吐尔逊", "spouse", 1978).join("古丽努尔·买买提", "child", 2010)
	uy.People[0].Wage = 1200
	uy.paid(1, "新疆风味餐厅", "wage", "2600.00", 12).saved(2, "农业银行", "4300.12")
	twelve := make("12 members")
	for i, name := range []string{"欧阳建国", "上官婉儿", "欧阳一", "欧阳二鸣", "欧阳三𬭳", "欧阳四", "欧阳五", "欧阳六", "欧阳七", "欧阳八", "欧阳九", "欧阳十全"} {
		relation, born := "child", 1990+2*i
		switch i {
		case 0:
			relation, born = "head", 1960
		case 1:
			relation, born = "spouse", 1962
		}
		twelve.join(name, relation, born)
	}
	twelve.People[0].Wage, twelve.People[2].Wage = 1500, 2200
	for m := 1; m <= 12; m++ {
		twelve.saved(m, "徽商银行", fmt.Sprintf("%d.%02d", 700*m, m))
	}
	twelve.paid(3, "安徽十二口之家商贸有限公司", "wage", "3900.00", 12).drives(1, "皖A12E12", "van").owns(1, "庐阳区十二里路12号", "residential")
	sixty := make("60 records").join("六𨋢", "head", 1972).join("陆拾", "spouse", 1973)
	sixty.paid(1, "第一家公司", "wage", "1500.00", 12).paid(1, "第二家公司", "labour", "800.00", 12).paid(2, "第三家公司", "business", "2100.50", 12)
	sixty.insured(1, "第一家公司", "employee_pension", "contributing", "4200.00", 12).insured(2, "", "unemployment", "receiving", "1340.00", 8)
	for i, bank := range []string{"工商银行", "农业银行", "中国银行", "建设银行", "交通银行", "邮储银行", "招商银行", "徽商银行"} {
		sixty.saved(1+i%2, bank, fmt.Sprintf("%d.37", 10000*(i+1)))
	}
	make("a long name").join("阿卜杜热西提·阿卜杜热合曼·麦麦提依明江·吐尔逊尼亚孜·艾合买提", "head", 1966).join("萨伊普加玛丽·阿卜杜热西提", "child", 1999).
		saved(1, "中国农业银行股份有限公司新疆维吾尔自治区分行营业部（阿勒泰地区代理）", "990.00").
		paid(2, "安徽省合肥市蜀山区长江西路街道办事处社区综合服务中心下属劳务派遣与家政服务有限责任公司第一分公司", "wage", "5100.00", 12)
	make("strokes without end").join("𪚥龘", "head", 1959).join("龘𪚥𰻝", "spouse", 1961).saved(2, "𰻝𰻝面银行", "60.00")
	make("〇 and old forms").join("〇一〇", "head", 1981).join("㐂子", "child", 2008).owns(1, "〇号院㐂楼", "residential")
	make("extension B to G").join("𫖮𬱖", "head", 1977).join("𤧛𬸚", "spouse", 1979).join("𱁬𰀀", "child", 2014).paid(1, "𬭳响乐器厂", "wage", "6400.00", 12)
	make("a Latin name").join("O'BRIEN-SMITH, JOSÉ", "head", 1983).saved(1, "BANK OF ÅNGSTRÖM & SÖHNE", "77.77")
	make("Tibetan").join("བསྟན་འཛིན", "head", 1985).saved(1, "西藏银行", "310.00")
	make("Mongolian and Korean").join("ᠪᠠᠲᠤ", "head", 1986).join("김철수", "spouse", 1987).saved(2, "内蒙古银行", "222.20")
	make("a compound name with a wide dot").join("尼格买提．热合曼", "head", 1990).paid(1, "喀什．干果店", "business", "1800.00", 12)
	make("digits and marks").join("张三3号", "head", 1991).saved(1, "银行（第１支行）", "1.00")
	make("the same name twice").join("王伟", "head", 1965).join("王伟", "child", 1992).paid(1, "同名公司", "wage", "3300.00", 12).paid(2, "同名公司", "wage", "3400.00", 12)
	make("one character").join("丌", "head", 1969).saved(1, "浦发银行", "45000.00")
	make("extension A again").join("㵾㙓", "head", 1971).join("䲜䶖", "spouse", 1972).drives(2, "皖A77CAR", "motorcycle")
	make("nothing at all").join("𠀀安", "head", 1988)
	make("a variant").join("葛\U000E0100亮", "head", 1993).saved(1, "光大银行", "17.30")
}

// bearing are families for what pages must bear.
func bearing(make func(string) *Family) {
	make("a review by two").join("周复核", "head", 1974).join("吴复核", "spouse", 1976).paid(1, "复核样例有限公司", "wage", "9100.00", 12).saved(1, "工商银行", "256000.00").drives(1, "皖A88R88", "car")
	make("an objection").join("郑异议", "head", 1967).saved(1, "建设银行", "198000.00").drives(1, "皖A66Y66", "suv")
	make("checked at the counter").join("冯窗口", "head", 1973).join("冯小窗", "child", 2011).paid(1, "窗口样例商店", "wage", "2300.00", 12).saved(1, "农业银行", "5400.00")
	make("nothing found").join("陈清白", "head", 1958)
	make("a small gap").join("褚小差", "head", 1964).paid(1, "小差工厂", "wage", "300.00", 5)
	make("three homes").join("卫三房", "head", 1963).owns(1, "包河区一号", "residential").owns(1, "包河区二号", "residential").owns(1, "包河区三号铺", "commercial")
}

const hostileFamily = "hostile"

// hostile are families whose names, payers, banks and addresses are made to be code, 12
// people each.
func hostile(make func(string) *Family) {
	strings := corpus.Short(60)
	for len(strings) > 0 {
		n := min(12, len(strings))
		f := make(hostileFamily)
		for i, h := range strings[:n] {
			relation := "other"
			if i == 0 {
				relation = "head"
			}
			f.join(h.Text, relation, 1950+2*i)
			f.paid(i+1, h.Text, "wage", "2500.00", 1)
			switch i % 3 {
			case 0:
				f.saved(i+1, h.Text, "60000.00")
			case 1:
				f.owns(i+1, h.Text, "residential")
			default:
				f.insured(i+1, h.Text, "employee_pension", "contributing", "4000.00", 1)
			}
		}
		strings = strings[n:]
	}
}
