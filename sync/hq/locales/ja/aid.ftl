findings-title = 二重配布
findings-about = 連絡が取れない間に、2つの台帳で同じ人に同じものが配られました。両方の避難所にも知らせてあります。責めるためではなく、確かめるための一覧です。
findings-empty = 二重配布は見つかっていません。見つかると、ここに並びます。
share = 配布
handed-out-at = 配った避難所
found-at = 見つけた日時
finding-settled = 取り消し済み
household-unknown = 世帯の記録なし
