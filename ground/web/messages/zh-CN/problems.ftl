# 字段有什么问题，以及为何被拒绝。
problem-missing = 请填写此项
problem-too-short = 至少 { $n } 个字符
problem-too-long = 最多 { $n } 个字符
problem-bad-email = 这不是邮箱地址，正确格式如 name@example.com
problem-bad-phone = 请输入数字并加国家或地区代码，如 +34 600 111 222
problem-bad-characters = 其中有不可见的字符，请手动输入
problem-not-one-of-these = 请从提供的选项中选择
problem-not-the-same = 两次输入不一致
problem-must-agree = 要继续，请先接受协议
problem-wrong-password = 这不是您的密码
problem-wrong-code = 验证码不正确，或已被使用
problem-too-common = 这是人们最先会猜的密码之一
problem-holds-your-email = 密码与您的邮箱过于相似
problem-bad-number = 请输入整数
problem-too-small = 不能小于 { $n }
problem-too-large = 不能大于 { $n }
problem-bad-url = 请输入完整的网址，例如 https://app.example.com/callback
problem-bad-app-name = 只能使用字母、数字、点和下划线：最多 30 个，或 15 个汉字
problem-name-taken = 已有应用使用该名称，或与它看起来相同
problem-bad-file = 文件已损坏，或不是此处接受的类型
problem-file-too-large =
    { $n ->
       *[other] 文件不能超过 { $n } MB
    }
problem-bad-lines =
    { $n ->
       *[other] 有 { $n } 行无法识别
    }
problem-too-many = 最多 { $n } 个
refusal-throttled = 尝试次数过多，请等 { $minutes } 分钟。
refusal-bad-credentials = 邮箱与密码不匹配。请检查两者，或重设密码。
refusal-changed = 内容在此期间有了变化。请再看一下，然后重新提交。
refusal-owns-already = 此账号已是某个开发者的所有者。请先将其移交给其他成员。
refusal-member-already = 此人已在团队中，或已受邀。
refusal-other-address = 这份邀请发给了另一个邮箱。
refusal-owner-stays = 在另一位成员接任之前，所有者保持不变。
refusal-last-administrator = 这是最后一位管理员。请先另设一位。
refusal-wrong-state = 此操作已经完成。
problem-taken = 已被占用
problem-twice = 此项出现了两次
