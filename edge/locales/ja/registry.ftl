# Reception, the full form, the roster, one family's page.
people-count = { $count }人
name-unknown = 名前は未入力
the-family = 家族
age = { $value }歳

reception-title = 受付
reception-name = 名前(1人分。わからないときは「不明」)
reception-name-hint = ひらがなだけでもかまいません
reception-people = 人数
reception-needs = 見てわかる配慮
reception-needs-hint = あてはまるものだけ
reception-do = 受け付ける
reception-to-full = くわしい用紙で受け付ける
reception-form-used = この用紙は別の受付で使い終わっています。別の家族なら、もう一度「受け付ける」か「保存する」を押してください。直したいときは名簿から開いてください。
form-id-wrong = この用紙は使えません。受付の画面を開き直してください

card-title = 受け付けました
card-next = この番号をカードに書いて渡してください。
card-next-family = 次の家族
card-details = くわしく入力する

form-title = 家族の記入用紙
form-surname = 姓(家族に共通)
form-surname-hint = 下の名前だけの行の前に付きます
form-surname-reading = 姓のふりがな
form-row = { $count }人目
form-row-more = { $count }人目のアレルギー・薬・居場所
form-name = 名前
form-birth-hint = 42、S60.4.1、19850401、40代など
form-place-detail = 居場所のくわしい説明
form-place-detail-hint = 駐車場の場所、行き先など
form-place-with-family = 家族と同じ
form-note-hint = ほかの職員が知っておくべきこと
form-mistaken = この人の登録は入力の誤り(取り消す)
form-save = 保存する
form-more-rows = 行を増やす(まだ保存しません)
form-nobody = 1人分は入力してください。名前がわからないときは「不明」としてください
form-overtaken = この用紙を開いたあとに、ほかの受付が「{ $value }」に変えました。入力したほうでよければ、もう一度「保存する」を押してください

roster-title = 名簿
roster-search = 名前・ふりがな・カード番号
roster-do-search = 探す
roster-all-places = すべて
roster-counts = この避難所がみている人 { $first }人(名前が未入力 { $second }人)
roster-found = { $count }人
roster-none = 見つかりません。短い言葉や、ふりがなで探してください。初めての人なら受付へ。
page-before = 前へ
page-after = 次へ
alike-tag = 同じ人かも
alike-about = 同じ人かもしれません。本人に確かめてください(どちらの記録もそのまま使えます):
counts-households = 世帯
counts-unnamed = 名前が未入力
counts-unconfirmed = うち確認待ち

household-edit = 入力・変更する
household-card = カード番号を大きく出す
household-unconfirmed = 本人が自分で入力しました。会って確かめたら「確認した」を押してください。
household-newer = 新しい版の記録が{ $count }件あり、この端末では読めません。端末の更新を責任者に頼んでください。
history-title = 記入の履歴(新しい順)
history-newer = 新しい版の記録(この端末では読めません)
source-family = 本人
source-here = この端末の職員 { $value }
source-elsewhere = ほかの端末 { $value }
source-headquarters = 本部 { $value }

unconfirmed-title = 確認待ち
unconfirmed-about = 本人がスマートフォンから入力した家族です。会って確かめたら「確認した」を押してください。
unconfirmed-none = 確認を待っている家族はいません。
confirm = 確認した
confirm-family = 確認した: { $value }

disagreements-title = 食い違い
disagreements-about = 離れた場所で別々の答えが書かれました。本人や書いた人に確かめて、正しいほうを選んでください。選ばなかった答えも履歴に残ります。
disagreements-none = 食い違いはありません。
disagreements-count = 食い違い { $count }件
settle-choose = こちらが正しい
settle-choose-this = こちらが正しい: { $first }は「{ $second }」
settle-not-offered = その答えはもう選べません。ほかの人が先に決めたかもしれません。いまの内容を確かめてください
