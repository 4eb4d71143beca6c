package wire

// Code is the stable name of a reason to refuse. Other systems may branch on it;
// its words may change.
type Code string

// The codes. Those of an authorisation are the ones that a verdict carries too.
const (
	BadJSON          Code = "bad_json"
	DuplicateKey     Code = "duplicate_key"
	TooDeep          Code = "too_deep"
	UnknownField     Code = "unknown_field"
	UnknownParameter Code = "unknown_parameter"
	UnexpectedBody   Code = "unexpected_body"
	BadCursor        Code = "bad_cursor"
	InvalidField     Code = "invalid_field"
	ReasonNeeded     Code = "reason_needed"

	NotSignedIn        Code = "not_signed_in"
	SignInFailed       Code = "sign_in_failed"
	SecondFactorNeeded Code = "second_factor_needed"
	CrossSite          Code = "cross_site"
	Forbidden          Code = "forbidden"
	SecondPersonNeeded Code = "second_person_needed"
	EvidenceNotOpened  Code = "evidence_not_opened"

	AuthorizationMissing    Code = "authorization_missing"
	AuthorizationUnknown    Code = "authorization_unknown"
	AuthorizationHousehold  Code = "authorization_household"
	AuthorizationWithdrawn  Code = "authorization_withdrawn"
	AuthorizationExpired    Code = "authorization_expired"
	AuthorizationPurpose    Code = "authorization_purpose"
	AuthorizationDataClass  Code = "authorization_data_class"
	AuthorizationMembers    Code = "authorization_members"
	AuthorizationIncomplete Code = "authorization_incomplete"
	AuthorizationDivision   Code = "authorization_division"

	NotFound         Code = "not_found"
	MethodNotAllowed Code = "method_not_allowed"
	SlowBody         Code = "slow_body"
	Exists           Code = "exists"
	Changed          Code = "changed"
	StateRefuses     Code = "state_refuses"
	Quota            Code = "quota"
	BadFile          Code = "bad_file"
	TooLarge         Code = "too_large"
	MediaType        Code = "media_type"
	ContentEncoding  Code = "content_encoding"
	TooMany          Code = "too_many_requests"

	Internal         Code = "internal"
	AuditUnavailable Code = "audit_unavailable"
	Overloaded       Code = "overloaded"
	NotReady         Code = "not_ready"
	Stopping         Code = "stopping"
	TookTooLong      Code = "took_too_long"
)

// Entry is what the table says of a code.
type Entry struct {
	Code   Code   `json:"code" example:"not_found"`
	Status int    `json:"status" doc:"HTTP status" example:"404"`
	Zh     string `json:"zh" doc:"Chinese words" example:"没有找到"`
	En     string `json:"en" doc:"English words" example:"Not found"`
}

// Codes is every code with its HTTP status and its words.
var Codes = []Entry{
	{BadJSON, 400, "请求不是有效的 JSON", "The request is not valid JSON"},
	{DuplicateKey, 400, "请求中同一字段出现两次", "A key occurs twice in one object of the request"},
	{TooDeep, 400, "请求嵌套过深", "The request is nested too deeply"},
	{UnknownField, 400, "请求中有未知字段", "The request has a field that is not known"},
	{UnknownParameter, 400, "有未知的查询参数，或参数过多", "A query parameter is not known, or there are too many"},
	{UnexpectedBody, 400, "此操作不需要请求内容", "This takes no body"},
	{BadCursor, 400, "翻页标记无效，请从第一页重新开始", "The cursor is not valid here; start again from the first page"},
	{InvalidField, 422, "请求中有字段不符合要求", "A field of the request is not as it must be"},
	{BadFile, 422, "文件无法读取；原因和位置见 fields", "The file can't be read; fields says why and where"},
	{ReasonNeeded, 422, "须说明理由", "A reason must be given"},

	{NotSignedIn, 401, "未登录，或登录已失效", "Not signed in, or no longer"},
	{SignInFailed, 401, "账号、口令或验证码不正确", "Account, password or code is not right"},
	{SecondFactorNeeded, 401, "还需要动态验证码", "A one-time code is needed too"},
	{CrossSite, 403, "请求来自其他网站，不予受理", "The request comes from another site"},
	{Forbidden, 403, "没有办理此项业务的权限", "Not permitted to do this"},
	{SecondPersonNeeded, 403, "须由另一人办理", "Another person must do this"},
	{EvidenceNotOpened, 403, "须先逐条查看依据的记录", "Every record that it rests on must be opened first"},

	{AuthorizationMissing, 403, "没有授权书", "There is no authorisation"},
	{AuthorizationUnknown, 403, "授权书未登记", "The authorisation is not registered"},
	{AuthorizationHousehold, 403, "授权书不属于该家庭", "The authorisation is another household's"},
	{AuthorizationWithdrawn, 403, "授权已撤回", "The authorisation was withdrawn"},
	{AuthorizationExpired, 403, "不在授权期限内", "The day is outside the term of the authorisation"},
	{AuthorizationPurpose, 403, "超出授权用途", "The purpose is not one the authorisation names"},
	{AuthorizationDataClass, 403, "超出授权的信息类别", "A class of data is not one the authorisation names"},
	{AuthorizationMembers, 403, "有成员不在授权书上", "A member is not on the authorisation"},
	{AuthorizationIncomplete, 403, "有成年成员未签署授权书", "An adult member has not signed the authorisation"},
	{AuthorizationDivision, 403, "授权书属于其他行政区划", "The authorisation belongs to another division"},

	{NotFound, 404, "没有找到", "Not found"},
	{MethodNotAllowed, 405, "该地址不支持此方法", "The address does not know this method"},
	{SlowBody, 408, "请求内容传送过慢", "The body of the request came too slowly"},
	{Exists, 409, "已有同号记录", "There is one with this number already"},
	{Changed, 409, "其间已被他人修改，请重新查看", "Somebody has changed it meanwhile; look again"},
	{StateRefuses, 409, "当前状态下不能办理", "This can't be done in its present state"},
	{Quota, 409, "超过提交限额；是哪一项见 fields", "More than one sender may submit; fields says of what"},
	{TooLarge, 413, "请求内容过大", "The body of the request is too large"},
	{MediaType, 415, "请求内容须为 application/json", "The body of the request must be application/json"},
	{ContentEncoding, 415, "请求内容不得压缩", "The body of the request must not be compressed"},
	{TooMany, 429, "请求过于频繁，请稍后再试", "Too many requests; try again later"},

	{Internal, 500, "系统内部错误，请将请求编号告知管理员", "Something failed inside; tell the administrator the number of the request"},
	{AuditUnavailable, 503, "审计日志无法写入，未查询任何信息", "The audit log can't be written, so nothing was read"},
	{Overloaded, 503, "系统繁忙，请稍后再试", "Busy; try again later"},
	{NotReady, 503, "系统尚未就绪", "Not ready yet"},
	{Stopping, 503, "系统正在停止", "About to stop"},
	{TookTooLong, 504, "处理超时", "It took too long"},
}

// Lookup returns the entry of a code. A code that the table does not have is a
// mistake in the program and answers as Internal.
func Lookup(c Code) Entry {
	var internal Entry
	for _, e := range Codes {
		if e.Code == c {
			return e
		}
		if e.Code == Internal {
			internal = e
		}
	}
	return internal
}
