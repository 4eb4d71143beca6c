package explain

import "github.com/hedui/hedui/engine/household"

// RefusalText words a code by which something was refused: of the policy, of an
// authorisation, of the states of a case, or of the desk. It is empty for a code that
// nobody gives.
func RefusalText(code string) household.Text {
	if r, ok := refusals[code]; ok {
		return household.Text{Zh: r.title.zh, En: r.title.en}
	}
	t := denials[code]
	return household.Text{Zh: t.zh, En: t.en}
}

// denials word the codes by which somebody is refused what they want to do.
var denials = map[string]text{
	// Of the policy.
	"operation_unknown":  {"没有这项操作", "there is no such operation"},
	"sign_in_required":   {"请先登录", "sign in first"},
	"roles_conflict":     {"账户的角色不得兼任，请联系安全管理员", "the account's roles exclude one another: ask a security administrator"},
	"person_required":    {"须由登记人员本人办理", "only a person whose number is registered does this"},
	"scope_denied":       {"令牌未获准用于该操作", "the token was issued for other operations"},
	"certificate":        {"未出示与令牌绑定的证书", "it does not show the certificate that its token is bound to"},
	"role_denied":        {"账户的角色无此权限", "none of the account's roles may do this"},
	"not_found":          {"没有找到，或不在管辖范围内", "there is none, or it is not to be known of"},
	"data_class_denied":  {"无权查看该类数据", "the account may not see this class of data"},
	"same_person":        {"须由另一人办理", "another person must do it"},
	"second_role_denied": {"账户的角色不能作第二签字人", "none of the account's roles may put the second name"},

	// Of the states of a case.
	"event_incomplete":       {"内容不完整", "something that is needed is missing"},
	"event_unknown":          {"没有这种办理方式", "there is no such step"},
	"state_conflict":         {"案件当前状态不允许", "not in the state that the case is in"},
	"assigned_to_another":    {"案件已分派给他人", "the case is somebody else's"},
	"evidence_not_opened":    {"须先打开结论所依据的每条记录", "first open every record that the outcome rests on"},
	"no_evidence":            {"不利结论没有依据", "an adverse outcome that rests on nothing"},
	"source_unsound":         {"所依据的数据过旧、不全、待修或有异议", "a source is stale, partial, incomplete or disputed"},
	"recheck_pending":        {"等待重新核对", "it is being checked again"},
	"reason_required":        {"请填写理由", "say why"},
	"notice_incomplete":      {"告知书内容不全", "the notice lacks facts"},
	"record_unknown":         {"结论不依据该记录", "the outcome does not rest on this record"},
	"objection_conflict":     {"没有待处理的该项异议，或已登记", "there is no such open objection, or it was filed before"},
	"disputed_record_counts": {"结论仍依据有异议的记录", "the outcome still rests on a disputed record"},
	"seeded_case":            {"测试案件，不送达", "a planted case: nobody is given notice"},
	"nothing_changed":        {"结论没有变化", "the outcome is the one that it has"},

	// Of the desk.
	"forbidden":         {"无此权限", "this is not for the account"},
	"second_person":     {"须由另一人办理", "another person must do it"},
	"reason_needed":     {"请填写理由", "say why"},
	"too_many_requests": {"次数过多，请稍后再试", "too often: wait"},
	"invalid_field":     {"内容有误", "something is not as it must be"},
	"exists":            {"该编号已登记，内容不同", "the number is registered with other content"},
	"changed":           {"已被他人更改，请重新查看", "somebody else changed it meanwhile: look again"},
	"state_refuses":     {"当前状态不允许", "its state does not allow it"},
	"too_large":         {"内容过大", "too large"},
	"generation_gone":   {"所依据的数据版本已不保存", "the generation it was read from is no longer kept"},
}
