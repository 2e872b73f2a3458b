"""What kinds of identifier, roles and events are called at the desk."""

KINDS = {
    "number": "電話番号",
    "contracted_number": "契約する回線（使うのは別の方）",
    "customer_no": "お客さま番号",
    "recipient_no": "送付先番号",
    "staff_no": "社員番号",
    "applicant_no": "応募番号",
    "shareholder_no": "株主番号",
    "contact_no": "取引先担当者番号",
    "mail": "メールアドレス",
    "name": "氏名",
    "death": "死亡",
    "guardian": "親権者",
}
ROLES = {
    "contractor": "契約者",
    "line_user": "利用者",
    "bill_recipient": "請求書の送付先",
    "guardian": "親権者",
    "staff": "従業者",
    "applicant": "応募者",
    "shareholder": "株主",
    "business_contact": "取引先担当者",
}
EVENTS = {
    "assigned": "割当て",
    "recycled": "再割当て",
    "port_in": "転入（MNP）",
    "port_out": "転出（MNP）",
    "returned": "返却",
    "transferred": "譲渡",
    "succeeded": "承継",
    "user_changed": "利用者の変更",
    "renamed": "改姓",
    "deceased": "死亡",
    "guardian_appointed": "親権者の届出",
}
