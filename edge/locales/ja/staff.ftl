# Signing in, roles, the desk's first page.
role-staff = 職員
role-lead = 責任者

sign-in-title = 職員のサインイン
sign-in-name = 名前
sign-in-pin = 暗証番号
sign-in-do = はじめる
sign-in-nobody = まだ職員が登録されていません。この端末で「yadori-edge staff add --lead」を実行して、責任者を登録してください。
sign-in-form-waits = 時間がたったため、サインインが終わりました。もう一度サインインすると、入力した内容がそのまま送られます。
sign-in-name-unknown = その名前の職員はいません。一覧から選ぶか、責任者に登録を頼んでください
sign-in-pin-missing = 暗証番号を数字で入力してください
sign-in-pin-wrong = 暗証番号が違います。もう一度入力してください。忘れたときは責任者に頼んでください
sign-in-wait = 続けて間違えたため、あと{ $count }秒待ってから入力してください。急ぐときは責任者に暗証番号の再設定を頼んでください

staff-title = 職員
staff-change = { $value } さんを変更
staff-pin-new = 新しい暗証番号
staff-pin-set = 暗証番号を変える
staff-retire = サインインを止める
staff-add-title = 職員を加える
staff-name = 名前
staff-name-hint = 同じ名前の人がいるときは、所属などを足してください
staff-role = 役割
staff-pin = 暗証番号
staff-pin-hint = 4〜8桁の数字。責任者は6桁以上
staff-add = 加える
staff-lead-pin-short = 責任者の暗証番号は{ $count }桁以上にしてください
staff-name-taken = 同じ名前の職員がもういます。所属などを足してください
staff-too-many = 職員の一覧がいっぱいです。帰った人のサインインを止めてください

home-title = 今のようす
home-empty = まだ誰もいません。「受付をはじめる」から最初の家族を受け付けてください。
home-receive = 受付をはじめる
home-search = 名簿で探す
