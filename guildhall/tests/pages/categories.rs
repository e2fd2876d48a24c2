//! Categories and groups: as a new house has them, as staff write them, as developers apply for them.

use crate::browser::{Browser, Open, Reply};
use apps::{CategoryState, How};
use kernel::{CategoryId, Lang};
use people::StaffRole;
use review::{FieldKind, Kind};
use store::testing::TestDb;

store::statements! {
    COUNT_PUBLISHED = "SELECT count(*) FROM audit WHERE action = 'category.published'";
    COUNT_REQUESTS = "SELECT count(*) FROM request";
    COUNT_CATEGORIES = "SELECT count(*) FROM category";
    COUNT_DRAFTS = "SELECT count(*) FROM category WHERE draft IS NOT NULL";
    COUNT_RETIRED = "SELECT count(*) FROM api_group WHERE retired = 1";
    ADD_APPS = "INSERT INTO app (id, app_key, developer_id, category_id, request_id, name, name_key, stage, settings, release,
        terms, raised, category_version, ip_rules, made_by, made_at, changed_at, active_at)
        SELECT CAST($1 AS TEXT), CAST($1 AS TEXT), r.developer_id, r.about, r.id, CAST($1 AS TEXT), CAST($1 AS TEXT), 'test', '{}', 1, CAST($2 AS TEXT), '{\"user_limit\":7}', CAST($3 AS BIGINT), '[]', r.made_by, 1, 1, 1
        FROM request r LIMIT 1";
    COUNT_BEHIND = "SELECT count(*) FROM app WHERE category_version < 2";
    COUNT_RAISED = "SELECT count(*) FROM app WHERE raised = '{\"user_limit\":7}'";
    COUNT_GIVEN = "SELECT count(*) FROM app_group WHERE how = 'given'";
    GRANT = "INSERT INTO app_group (app_id, group_id, how, since) SELECT a.id, g.id, 'granted', 1 FROM app a, api_group g
        WHERE g.key = 'logistics'";
    COUNT_GRANTED = "SELECT count(*) FROM app_group WHERE how = 'granted'";
    COUNT_BROUGHT = "SELECT count(*) FROM audit WHERE action = 'category.brought'";
}

async fn all(open: &Open) -> Vec<apps::Category> {
    open.people.house.db.read(apps::list_categories).await.expect("lists")
}

async fn by_key(open: &Open, key: &str) -> apps::Category {
    all(open).await.into_iter().find(|c| c.key == key).expect(key)
}

async fn manager(open: &Open, email: &str) -> Browser {
    open.staff(email, StaffRole::CatalogueManager).await
}

/// Everything that the page's form would send, with these in place of some.
fn sent(page: &Reply, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for part in page.body.split("<input ").skip(1).map(|p| p.split('>').next().unwrap_or("")) {
        let of = |name: &str| {
            let mark = format!("{name}=\"");
            part.split(&mark).nth(1).and_then(|p| p.split('"').next()).map(str::to_owned)
        };
        let (Some(name), kind) = (of("name"), of("type").unwrap_or_default()) else { continue };
        let on = part.contains(" checked");
        match kind.as_str() {
            "checkbox" | "radio" if !on => {}
            "checkbox" => out.push((name, "on".to_owned())),
            _ => out.push((name, of("value").unwrap_or_default())),
        }
    }
    for part in page.body.split("<textarea ").skip(1) {
        let name = part.split("name=\"").nth(1).and_then(|p| p.split('"').next()).unwrap_or_default();
        let text = part.split_once('>').and_then(|(_, t)| t.split("</textarea>").next()).unwrap_or_default();
        out.push((name.to_owned(), text.replace("&#39;", "'").replace("&amp;", "&")));
    }
    out.retain(|(k, _)| k != "language" && k != "theme" && k != "back");
    for (k, v) in fields {
        out.retain(|(name, _)| name != k);
        out.push(((*k).to_owned(), (*v).to_owned()));
    }
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|(k, _)| seen.insert(k.clone()));
    out
}

async fn send(b: &mut Browser, page: &Reply, path: &str, fields: &[(&str, &str)]) -> Reply {
    let all = sent(page, fields);
    let all: Vec<(&str, &str)> = all.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    b.post(path, &all).await
}

store::on_both! {
    /// The seeds are whole: every category, every field of the tutorial, every text in three languages.
    async fn a_new_house_has_the_categories_of_its_tutorials(on: TestDb) {
        let open = Open::over(on).await;
        let categories = all(&open).await;
        let keys: Vec<_> = categories.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(keys, ["commercial-developer", "individual-developer", "self-developer", "commercial-isv"]);
        for c in &categories {
            assert_eq!(c.state, CategoryState::Open, "{}", c.key);
            assert_eq!(c.terms.is_sound(), Ok(()), "{}", c.key);
            assert_eq!(c.form.is_sound(), Ok(()), "{}", c.key);
            assert_eq!((c.terms.test.access_seconds, c.terms.test.refresh_seconds), (86_400, 172_800));
            assert_eq!((c.terms.online.access_seconds, c.terms.online.refresh_seconds), (2_592_000, 5_184_000));
            assert!(c.groups.iter().any(|(_, how)| *how == How::Given) && c.groups.iter().any(|(_, how)| *how == How::Open));
            let labels = c.form.fields.iter().flat_map(|f| [&f.label, &f.help]).filter(|t| !t.is_empty());
            for texts in labels.chain([&c.name, &c.description]) {
                assert!(Lang::ALL.iter().all(|l| texts.0.get(l).is_some_and(|t| !t.is_empty())), "{texts:?}");
            }
        }
        for key in ["self-developer", "commercial-isv"] {
            let form = by_key(&open, key).await.form;
            let asked: Vec<_> = form.fields.iter().map(|f| (f.key.as_str(), f.kind)).collect();
            assert_eq!(asked, [("contact_name", FieldKind::Line), ("contact_mobile", FieldKind::Phone), ("email", FieldKind::Email),
                ("software_name", FieldKind::Line), ("software_function", FieldKind::Prose), ("business_licence", FieldKind::Picture),
                ("it_name", FieldKind::Line), ("it_mobile", FieldKind::Phone), ("it_email", FieldKind::Email),
                ("it_team", FieldKind::Number), ("market_planning", FieldKind::Prose), ("server_configuration", FieldKind::Prose),
                ("server_bandwidth", FieldKind::Line), ("development_language", FieldKind::Line), ("database", FieldKind::Line),
                ("agreement", FieldKind::Check)]);
            assert!(form.fields.iter().all(|f| f.required) && form.pages() == 4);
            let licence = form.field("business_licence").expect("is asked");
            assert_eq!(licence.max, Some(2));
            assert!(Lang::ALL.iter().all(|l| licence.help.get(*l).contains("CIF")));
        }
        let groups = open.people.house.db.read(catalogue::list).await.expect("lists");
        assert_eq!((groups.len(), groups.iter().map(|g| g.methods).sum::<i64>()), (7, 14));
        // Opening the house again brings nothing anew.
        guildhall::open::first_texts(&open.people.house).await.expect("opens again");
        assert_eq!(open.count(&COUNT_CATEGORIES).await, 4);
    }

    /// The form builder in a browser: add, change, move, remove; nothing reaches applicants before it is published.
    async fn staff_build_a_form_and_publish_it(on: TestDb) {
        let open = Open::over(on).await;
        let mut cat = manager(&open, "cat@x.example").await;
        let page = cat.get("/desk/categories/new").await.is(200);
        page.submit(&mut cat, "/desk/categories/new", &[("key", "Bad Key"), ("name_en", "Pilots")]).await.is(422);
        page.submit(&mut cat, "/desk/categories/new", &[("key", "self-developer"), ("name_en", "Pilots")]).await.is(422);
        page.submit(&mut cat, "/desk/categories/new", &[("key", "pilots"), ("name_en", "Pilots"), ("name_zh-CN", "试点"), ("name_es", "Pilotos")])
            .await.is(303);
        let id = by_key(&open, "pilots").await.id;
        let at = |end: &str| format!("/desk/categories/{id}{end}");

        // Basics, in three languages; what is wrong is told by field.
        let page = cat.get(&at("/basics")).await.is(200).says("name_zh-CN").says("试点");
        send(&mut cat, &page, &at("/basics"), &[("name_en", ""), ("audience", "commercial")]).await.is(422);
        send(&mut cat, &page, &at("/basics"), &[("description_en", "For pilots."), ("audience", "individual"), ("review_days", "0")]).await.is(422);
        send(&mut cat, &page, &at("/basics"), &[("description_en", "For pilots."), ("audience", "individual"), ("review_days", "5"), ("two_person", "on")])
            .await.is(303);
        let page = cat.get(&at("/terms")).await.is(200).says("30 d");
        send(&mut cat, &page, &at("/terms"), &[("policy", "any"), ("online_access", "soon")]).await.is(422);
        send(&mut cat, &page, &at("/terms"), &[("policy", "any"), ("online_access", "60 d"), ("online_refresh", "30 d")]).await.is(422);
        send(&mut cat, &page, &at("/terms"), &[("policy", "any"), ("online_access", "60 d"), ("online_refresh", "90 d")]).await.is(303);
        let page = cat.get(&at("/groups")).await.is(200).says("group_order");
        send(&mut cat, &page, &at("/groups"), &[("group_order", "given"), ("group_product", "open")]).await.is(303);

        // Three fields on two pages.
        let add = async |cat: &mut Browser, fields: &[(&str, &str)]| {
            let page = cat.get(&at("/field")).await.is(200);
            page.submit(cat, &at("/field"), fields).await
        };
        let name = [("key", "name"), ("kind", "line"), ("label_en", "Your name"), ("label_zh-CN", "姓名"), ("required", "on"), ("max", "40"), ("page", "1")];
        add(&mut cat, &name).await.is(303);
        add(&mut cat, &name).await.is(422);
        add(&mut cat, &[("key", "size"), ("kind", "choice"), ("label_en", "Size"), ("page", "1")]).await.is(422);
        add(&mut cat, &[("key", "size"), ("kind", "choice"), ("label_en", "Size"), ("page", "1"),
            ("choices", "small | Small | 小 | Pequeña\nlarge | Large")]).await.is(303);
        add(&mut cat, &[("key", "Bad!"), ("kind", "line"), ("label_en", "x"), ("page", "1")]).await.is(422);
        add(&mut cat, &[("key", "why"), ("kind", "prose"), ("label_en", "Why <b>now</b>"), ("min", "9"), ("max", "3"), ("page", "2")]).await.is(422);
        add(&mut cat, &[("key", "why"), ("kind", "prose"), ("label_en", "Why <b>now</b>"), ("page", "2")]).await.is(303);
        let page = cat.get(&at("/form")).await.is(200).says("Your name").says("Español");
        page.submit(&mut cat, &at("/form"), &[("key", "size"), ("do", "up")]).await.is(303);
        // The page that was shown is old by now: 409, and who was it.
        page.submit(&mut cat, &at("/form"), &[("key", "why"), ("do", "up")]).await.is(409);
        let page = cat.get(&at("/form")).await;
        page.submit(&mut cat, &at("/form"), &[("key", "nothing"), ("do", "up")]).await.is(404);
        page.submit(&mut cat, &at("/form"), &[("key", "name"), ("do", "explode")]).await.is(404);
        let preview = cat.get(&at("/preview?in=es")).await.is(200).says("Pequeña").says("60 d");
        assert!(!preview.body.contains("<b>now</b>"), "w9: a label is only a label");

        // Nobody sees it yet; publishing asks who it is.
        assert!(by_key(&open, "pilots").await.form.fields.is_empty());
        open.clock.advance(11 * kernel::Time::MINUTE);
        let page = cat.get(&at("")).await.is(200).says("field.name").says("terms.online.access_seconds");
        page.submit(&mut cat, &at("/publish"), &[]).await.leads_to(&format!("/account/confirm?next=/desk/categories/{id}"));
        cat.confirm().await;
        let page = cat.get(&at("")).await;
        page.submit(&mut cat, &at("/publish"), &[("edits", "1")]).await.is(409);
        assert_eq!(open.count(&COUNT_PUBLISHED).await, 0);
        page.submit(&mut cat, &at("/publish"), &[]).await.is(303);
        let c = by_key(&open, "pilots").await;
        let keys: Vec<_> = c.form.fields.iter().map(|f| f.key.as_str()).collect();
        assert_eq!((keys, c.version, c.has_draft, c.state), (vec!["size", "name", "why"], 2, false, CategoryState::Hidden));
        assert_eq!((c.given().count(), c.open().count(), c.two_person, c.review_days), (1, 1, true, 5));
        let page = cat.get(&at("")).await.is(200);
        page.submit(&mut cat, &at("/state"), &[("to", "open")]).await.is(303);
        assert_eq!(by_key(&open, "pilots").await.state, CategoryState::Open);
        page.submit(&mut cat, &at("/state"), &[("to", "hidden")]).await.is(409);
        assert_eq!(by_key(&open, "pilots").await.state, CategoryState::Open);
    }

    /// A4, X: two editors have the same page open; one saves, the other is told what changed and loses nothing.
    async fn x3_of_two_who_edit_a_category_one_is_told(on: TestDb) {
        let open = Open::over(on).await;
        let id = by_key(&open, "self-developer").await.id;
        let at = |end: &str| format!("/desk/categories/{id}{end}");
        let (mut a, mut b) = (manager(&open, "cat@x.example").await, manager(&open, "kim@x.example").await);
        let (pa, pb) = (a.get(&at("/basics")).await, b.get(&at("/basics")).await);
        send(&mut a, &pa, &at("/basics"), &[("review_days", "9"), ("state", "hidden"), ("version", "77"), ("key", "mine")]).await.is(303);
        let told = send(&mut b, &pb, &at("/basics"), &[("review_days", "4")]).await.is(409);
        let told = told.says("review_days").says("value=\"4\"");
        assert!(told.body.contains("cat,"), "who it was");
        let draft = apps::category_at_desk(&apps::Apps { house: open.people.house.clone() }, id).await.expect("there").draft;
        assert_eq!((draft.review_days, draft.key.as_str(), draft.state), (9, "self-developer", CategoryState::Open));
        assert_eq!(by_key(&open, "self-developer").await.review_days, 2, "nothing is published");
        // Sent again from the page that told it, it goes in.
        send(&mut b, &told, &at("/basics"), &[("review_days", "4")]).await.is(303);
        assert_eq!(open.count(&COUNT_DRAFTS).await, 1);
        let page = a.get(&at("")).await;
        page.submit(&mut a, &at("/discard"), &[]).await.is(303);
        assert_eq!(open.count(&COUNT_DRAFTS).await, 0);
    }

    /// X3: many publish, write and discard what was shown to all of them: one does.
    async fn x3_of_many_who_write_at_once_one_does(on: TestDb) {
        let open = Open::over(on).await;
        let rooms = apps::Apps { house: open.people.house.clone() };
        let mut cat = manager(&open, "cat@x.example").await;
        cat.confirm().await;
        let session = cat.session(&open).await;
        let staff = session.on_staff(StaffRole::CatalogueManager).expect("is");
        let sudo = session.sudo(open.now()).expect("was asked");
        let by = kernel::By::house("test");
        let id = by_key(&open, "self-developer").await.id;
        for round in 0..10 {
            let desk = apps::category_at_desk(&rooms, id).await.expect("there");
            let shown = desk.published.edits;
            let start = std::sync::Arc::new(tokio::sync::Barrier::new(16));
            let tasks: Vec<_> = (0..16).map(|n| {
                let (rooms, staff, by, start) = (rooms.clone(), staff.clone(), by.clone(), start.clone());
                let mut def = desk.draft.clone();
                def.place = 200 + round * 16 + n;
                tokio::spawn(async move {
                    start.wait().await;
                    apps::edit_category(&rooms, &by, &staff, id, shown, def).await.is_ok()
                })
            }).collect();
            let mut won = 0;
            for t in tasks {
                won += usize::from(t.await.expect("runs"));
            }
            let shown = by_key(&open, "self-developer").await.edits;
            assert_eq!(won, 1, "round {round}");
            let tasks: Vec<_> = (0..8).map(|n| {
                let (rooms, staff, by) = (rooms.clone(), staff.clone(), by.clone());
                tokio::spawn(async move {
                    match n % 2 {
                        0 => apps::publish_category(&rooms, &by, &staff, sudo, id, shown).await.is_ok(),
                        _ => apps::discard_draft(&rooms, &by, &staff, id, shown).await.is_ok(),
                    }
                })
            }).collect();
            let mut won = 0;
            for t in tasks {
                won += usize::from(t.await.expect("runs"));
            }
            let c = by_key(&open, "self-developer").await;
            assert_eq!((won, c.edits, c.has_draft), (1, shown + 1, false), "round {round}");
        }
        let c = by_key(&open, "self-developer").await;
        assert_eq!(c.version, 1 + open.count(&COUNT_PUBLISHED).await);
    }

    /// A7: what is closed or hidden cannot be applied for, what asks for a company wants one; nothing is begun.
    async fn a7_closed_categories_take_no_requests(on: TestDb) {
        let open = Open::over(on).await;
        let house = open.people.house.clone();
        let ana = open.developer("ana@x.example", "Lumen").await;
        let review = review::Review { house: house.clone(), subjects: std::sync::Arc::new(vec![
            std::sync::Arc::new(apps::CategorySubject), std::sync::Arc::new(apps::GroupSubject)]) };
        let seat = ana.seat(&open).await;
        let by = kernel::By::house("test");
        let begin = async |about: String| review::begin(&review, &by, &seat, Kind::Category, &about, Lang::En).await;
        let refused = async |about: String| match begin(about).await {
            Err(kernel::Failure::Refused(r)) => r,
            other => panic!("{other:?}"),
        };
        let (own, any) = (by_key(&open, "self-developer").await.id, by_key(&open, "commercial-isv").await.id);
        assert_eq!(refused(own.to_string()).await, review::Refusal::NeedsCompany);
        for nothing in ["", "x", "cat_00000000000000000000000000", "company"] {
            assert_eq!(refused(nothing.to_owned()).await, review::Refusal::NotFound, "{nothing}");
        }
        let mut dee = manager(&open, "cat@x.example").await;
        dee.confirm().await;
        let set = async |dee: &mut Browser, id: CategoryId, to: &str| {
            let page = dee.get(&format!("/desk/categories/{id}")).await;
            page.submit(dee, &format!("/desk/categories/{id}/state"), &[("to", to)]).await.is(303);
        };
        set(&mut dee, any, "closed").await;
        assert_eq!(refused(any.to_string()).await, review::Refusal::NotOffered);
        set(&mut dee, any, "hidden").await;
        assert_eq!(refused(any.to_string()).await, review::Refusal::NotFound);
        assert_eq!(open.count(&COUNT_REQUESTS).await, 0);
        set(&mut dee, any, "open").await;
        let id = begin(any.to_string()).await.expect("begins");
        let seen = review::find(&review, &seat, id).await.expect("is there");
        assert_eq!(seen.request.answers.get("contact_name").map(String::as_str), Some("Ana Ferrer"), "known already");
        assert_eq!(seen.request.answers.get("contact_mobile").map(String::as_str), Some("+34600111222"));
        // Closed between beginning and sending: not sent.
        set(&mut dee, any, "closed").await;
        let sent = review::submit(&review, &by, &seat, id, 0).await;
        assert!(matches!(sent, Err(kernel::Failure::Refused(review::Refusal::NotOffered))), "{sent:?}");
        // An app of nobody's.
        let group = review::begin(&review, &by, &seat, Kind::Group, "app_00000000000000000000000000/grp_00000000000000000000000000", Lang::En).await;
        assert!(matches!(group, Err(kernel::Failure::Refused(review::Refusal::NotFound))));
    }

    /// A change is for new apps; staff see which are behind, and bring them over once, keeping what was raised.
    async fn apps_are_brought_to_a_changed_category(on: TestDb) {
        let open = Open::over(on).await;
        let house = open.people.house.clone();
        let ana = open.developer("ana@x.example", "Lumen").await;
        let seat = ana.seat(&open).await;
        let review = review::Review { house: house.clone(), subjects: std::sync::Arc::new(vec![std::sync::Arc::new(apps::CategorySubject)]) };
        let c = by_key(&open, "commercial-developer").await;
        review::begin(&review, &kernel::By::house("test"), &seat, Kind::Category, &c.id.to_string(), Lang::En).await.expect("begins");
        let terms = serde_json::to_string(&c.terms).expect("writes");
        drop_one_approval_index(&open).await;
        for n in 0..230 {
            let (id, terms) = (kernel::AppId::new(kernel::Time(n + 1), &*house.random).to_string(), terms.clone());
            let added = house.db.write(move |tx| tx.moved(&ADD_APPS, store::params![&id, &terms, 1i64]));
            assert!(added.await.map_err(|e: kernel::Fault| e).expect("adds"));
        }
        house.db.write(|tx| tx.change(&GRANT, &[])).await.map_err(|e: kernel::Fault| e).expect("grants");

        let mut cat = manager(&open, "cat@x.example").await;
        let at = |end: &str| format!("/desk/categories/{}{end}", c.id);
        cat.get(&at("/apps")).await.is(200).says("All 230 apps");
        let page = cat.get(&at("/terms")).await;
        send(&mut cat, &page, &at("/terms"), &[("policy", "any"), ("online_users", "444")]).await.is(303);
        cat.confirm().await;
        cat.get(&at("/apps")).await.is(200).says("All 230 apps");
        let page = cat.get(&at("")).await;
        page.submit(&mut cat, &at("/publish"), &[]).await.is(303);
        let page = cat.get(&at("/apps")).await.is(200).says("230 apps have earlier terms").says("user_limit").says("444");
        page.submit(&mut cat, &at("/apps"), &[("version", "1")]).await.is(409);
        assert_eq!(open.count(&COUNT_BEHIND).await, 230);
        page.submit(&mut cat, &at("/apps"), &[]).await.is(303);
        assert_eq!((open.count(&COUNT_BEHIND).await, open.count(&COUNT_RAISED).await, open.count(&COUNT_BROUGHT).await), (0, 230, 2));
        assert_eq!((open.count(&COUNT_GIVEN).await, open.count(&COUNT_GRANTED).await), (230 * 3, 230));
        page.submit(&mut cat, &at("/apps"), &[]).await.is(303);
        assert_eq!(open.count(&COUNT_BROUGHT).await, 2, "nothing is done twice");
    }

    async fn groups_are_written_and_retired_as_they_were_shown(on: TestDb) {
        let open = Open::over(on).await;
        let mut cat = manager(&open, "cat@x.example").await;
        let groups = open.people.house.db.read(catalogue::list).await.expect("lists");
        let id = groups.iter().find(|g| g.key == "order").expect("is there").id;
        let at = |end: &str| format!("/desk/groups/{id}{end}");
        let page = cat.get(&at("")).await.is(200).says("/orders/{orderId}").says("Pedidos");
        send(&mut cat, &page, &at(""), &[("name_en", "Orders & more"), ("review_days", "4")]).await.is(303);
        send(&mut cat, &page, &at(""), &[("name_en", "Later"), ("review_days", "4")]).await.is(409);
        page.submit(&mut cat, &at("/retire"), &[]).await.is(409);
        assert_eq!(open.count(&COUNT_RETIRED).await, 0);
        let page = cat.get(&at("")).await.says("Orders &#38; more");
        page.submit(&mut cat, &at("/retire"), &[]).await.is(303);
        assert_eq!(open.count(&COUNT_RETIRED).await, 1);
        let again = open.people.house.db.read(move |l| catalogue::find(l, id)).await.expect("reads").expect("there");
        assert_eq!((again.methods, again.name.get(Lang::En), again.review_days), (4, "Orders & more", 4));
        let page = cat.get("/desk/groups/new").await;
        page.submit(&mut cat, "/desk/groups/new", &[("key", "order"), ("name_en", "x"), ("review_days", "2"), ("place", "1")]).await.is(422);
        page.submit(&mut cat, "/desk/groups/new", &[("key", "x y"), ("name_en", "x"), ("review_days", "2"), ("place", "1")]).await.is(422);
        page.submit(&mut cat, "/desk/groups/new", &[("key", "fresh"), ("name_en", "<script>"), ("review_days", "2"), ("place", "1")]).await.is(303);
        assert!(!cat.get("/desk/groups").await.is(200).body.contains("<script>"));
    }
}

/// So that many apps can stand on one approval: only this test's house.
async fn drop_one_approval_index(open: &Open) {
    open.by_hand("DROP INDEX app_one_an_approval; DROP INDEX app_name;").await;
}
