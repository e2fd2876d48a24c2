# Requests and the desk where they are decided.
refusal-already-asked = 关于此项已有申请，请查看现有申请。
refusal-own-request = 任何人都不能审批自己提出的申请，请交给同事处理。
refusal-second-person = 您已同意：现在需要第二个人同意。
refusal-needs-reason = 请选择一条理由，或用自己的话说明原因。
refusal-needs-company = 此项要求公司已通过认证，请先完成公司认证。
refusal-not-offered = 此项已不再提供。
refusal-not-now = 目前的情况下不能申请此项。
