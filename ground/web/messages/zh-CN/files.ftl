# Files that people hand in.
refusal-bad-file = 文件已损坏，或不是此处接受的类型
refusal-file-too-large = 文件太大
refusal-no-room-for-file = 没有空间再存放文件
act-file-taken = 提交了文件
act-file-collected = 清理了文件
file-hint = 每个文件不超过 { $size }。可接受：{ $kinds }。
file-kinds-picture = PNG 或 JPEG 图片
file-kinds-document = PNG 或 JPEG 图片，以及 PDF
file-kinds-attachment = PNG 或 JPEG 图片、PDF 和纯文本
file-bytes = { $n } 字节
file-kept = 已保存。选择另一个文件可替换它。
trouble-too-large-title = 内容太大
trouble-too-large = 您发送的内容超过了此处任何页面的上限。请返回，选择较小的文件后重新发送。
