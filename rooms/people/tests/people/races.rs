//! W1, W18, X6 between verbs: whoever comes second sees what the first one did.

use crate::house::{Gate, PASSWORD, Person, ROUNDS, Town, code_at};
use kernel::{Failure, Fault, Token, TokenHash, TokenKind, sha256};
use people::{Hasher, People, Refusal};
use store::testing::TestDb;
use store::{outbox, params};

store::statements! {
    SESSIONS = "SELECT count(*) FROM session WHERE account_id = $1";
    FULL_SESSIONS = "SELECT count(*) FROM session WHERE account_id = $1 AND stage = 'full'";
    CLOSE = "UPDATE account SET state = 'closed' WHERE id = $1";
    END_ALL = "DELETE FROM session WHERE account_id = $1";
    CODES = "SELECT count(*) FROM recovery_code WHERE account_id = $1";
    UNUSED = "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL";
    IS_CODE = "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND hash = $2";
    STARTED = "SELECT count(*) FROM audit WHERE account_id = $1 AND action = 'second_factor.started'";
    RENEWED = "SELECT count(*) FROM audit WHERE account_id = $1 AND action = 'recovery_codes.renewed'";
    INSERT_LINK = "INSERT INTO link (hash, kind, account_id, email, made_at, expires_at)
        VALUES ($1, 'reset', $2, NULL, $3, $4)";
}

/// What overtakes somebody whose password is being computed.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Overtakes {
    Reset,
    Change,
    Close,
}

/// A link to a new password, without its letter.
async fn reset_link(town: &Town, p: &Person) -> Token {
    let (now, id) = (town.t.house.now(), p.id);
    let token = Token::new(TokenKind::Link, &*town.t.house.random);
    let hash = token.hash();
    let until = now.plus_minutes(5);
    let row: Result<u64, Fault> =
        town.t.house.db.write(move |tx| tx.change(&INSERT_LINK, params![hash, id, now, until])).await;
    row.expect("writes");
    token
}

async fn overtake(town: &Town, p: &Person, what: Overtakes, gate: &Gate, dear: &People) {
    let (people, by, id) = (dear.clone(), town.by(), p.id);
    let done = match what {
        Overtakes::Reset => {
            let link = reset_link(town, p).await;
            gate.run(async move { people::reset(&people, &by, link, "quite another sentence").await.is_ok() })
        }
        Overtakes::Change => {
            let session = town.session(p).await;
            let sudo = town.sudo(&session);
            gate.run(async move {
                let new = "quite another sentence";
                people::change_password(&people, &by, &session, new, sudo).await.is_ok()
            })
        }
        Overtakes::Close => gate.run(async move {
            // About as long as the others compute.
            let _ = people.hasher.verify(PASSWORD, None).await;
            let closed: Result<u64, Fault> = people
                .house
                .db
                .write(move |tx| {
                    tx.change(&CLOSE, params![id])?;
                    tx.change(&END_ALL, params![id])
                })
                .await;
            closed.is_ok()
        }),
    };
    assert!(done.await.expect("no panic"), "{what:?}");
}

async fn right_passwords_that_come_too_late(on: TestDb, what: Overtakes) {
    let town = Town::on(on).await;
    // Dear enough that the overtaker comes while others compute.
    let dear = People { house: town.t.house.clone(), hasher: Hasher::with_memory(2, 1_024) };
    let (mut refused, mut opened) = (0, 0);
    for round in 0..ROUNDS {
        let p = town.person(&format!("p{round}")).await;
        let gate = Gate::of(8);
        let signing: Vec<_> = (0..7)
            .map(|_| {
                let (people, by, email) = (dear.clone(), town.by(), p.email.clone());
                gate.run(async move { people::sign_in(&people, &by, &email, PASSWORD, "late").await })
            })
            .collect();
        overtake(&town, &p, what, &gate, &dear).await;
        let mut tokens = Vec::new();
        for task in signing {
            match task.await.expect("no panic") {
                Ok(signed) => tokens.push(signed.session),
                Err(Failure::Refused(Refusal::BadCredentials)) => refused += 1,
                Err(e) => panic!("{what:?}: {e:?}"),
            }
        }
        opened += tokens.len();
        for token in tokens {
            assert!(town.visitor(token).await.is_none(), "{what:?}: the old password opened a session");
        }
        let left = i64::from(what == Overtakes::Change);
        assert_eq!(town.count(&SESSIONS, &p).await, left, "{what:?}, round {round}");
    }
    assert!(refused > 0, "{what:?}: nobody was ever overtaken ({opened} were in time)");
}

/// The plain form of a recovery code's hash, as the table keeps it.
fn hash_of(code: &str) -> TokenHash {
    TokenHash(sha256(format!("recovery {}", code.replace('-', "")).as_bytes()))
}

/// How many of these codes are good.
async fn good(town: &Town, p: &Person, codes: &[String]) -> usize {
    let mut n = 0;
    for code in codes {
        let (id, hash) = (p.id, hash_of(code));
        let found = town.t.house.db.read(move |l| l.one::<(i64,)>(&IS_CODE, params![id, hash])).await;
        n += usize::try_from(found.expect("reads").expect("a row").0).expect("few");
    }
    n
}

store::on_both! {
    async fn w1_a_password_that_was_reset_meanwhile_opens_nothing(on: TestDb) {
        right_passwords_that_come_too_late(on, Overtakes::Reset).await;
    }

    async fn w1_a_password_that_was_changed_meanwhile_opens_nothing(on: TestDb) {
        right_passwords_that_come_too_late(on, Overtakes::Change).await;
    }

    async fn x6_an_account_that_was_closed_meanwhile_opens_nothing(on: TestDb) {
        right_passwords_that_come_too_late(on, Overtakes::Close).await;
    }

    /// W18: two tabs, one first code. One of them turns it on, and only its recovery codes count.
    async fn w18_two_confirm_an_authenticator_at_once(on: TestDb) {
        let town = Town::on(on).await;
        for round in 0..ROUNDS {
            let p = town.person(&format!("p{round}")).await;
            let session = town.session(&p).await;
            let secret = town.starts_totp(&session).await;
            let code = code_at(&secret, town.t.house.now());
            let gate = Gate::of(4);
            let tasks: Vec<_> = (0..4).map(|_| {
                let (people, by, session, code) = (town.people.clone(), town.by(), session.clone(), code.clone());
                let sudo = town.sudo(&session);
                gate.run(async move { people::confirm_totp(&people, &by, &session, &code, sudo).await })
            }).collect();
            let mut won = Vec::new();
            for task in tasks {
                match task.await.expect("no panic") {
                    Ok(codes) => won.push(codes),
                    Err(Failure::Refused(Refusal::WrongState)) => {}
                    Err(e) => panic!("{e:?}"),
                }
            }
            assert_eq!(won.len(), 1, "round {round}");
            assert_eq!(good(&town, &p, &won[0]).await, 10, "round {round}");
            assert_eq!(town.count(&CODES, &p).await, 10, "round {round}");
            assert_eq!(town.count(&STARTED, &p).await, 1, "round {round}");
        }
        let (letters, dead) = outbox::counts(&town.t.house).await.expect("counts");
        assert_eq!((usize::try_from(letters).expect("few"), dead), (ROUNDS, 0), "one letter each");
    }

    /// W18: of codes renewed at once exactly one set is good, and whole.
    async fn w18_two_renew_their_recovery_codes_at_once(on: TestDb) {
        let town = Town::on(on).await;
        let p = town.person("ana").await;
        let session = town.session(&p).await;
        let (_, first) = town.with_totp(&p).await;
        let mut sets = vec![first];
        for round in 0..ROUNDS {
            let gate = Gate::of(4);
            let tasks: Vec<_> = (0..4).map(|_| {
                let (people, by, session) = (town.people.clone(), town.by(), session.clone());
                let sudo = town.sudo(&session);
                gate.run(async move { people::renew_recovery_codes(&people, &by, &session, sudo).await })
            }).collect();
            for task in tasks {
                sets.push(task.await.expect("no panic").expect("renews"));
            }
            let mut whole = 0;
            for set in std::mem::take(&mut sets) {
                match good(&town, &p, &set).await {
                    0 => {}
                    10 => {
                        whole += 1;
                        sets.push(set);
                    }
                    some => panic!("round {round}: {some} of a set are good"),
                }
            }
            assert_eq!(whole, 1, "round {round}");
            assert_eq!(town.count(&UNUSED, &p).await, 10, "round {round}");
        }
        assert_eq!(usize::try_from(town.count(&RENEWED, &p).await), Ok(4 * ROUNDS));
    }

    /// W18: one code, many who owe it: half sessions and whoever is asked again. One of them gets in.
    async fn w18_one_code_at_once_is_good_once(on: TestDb) {
        let town = Town::on(on).await;
        for round in 0..ROUNDS {
            let p = town.person(&format!("p{round}")).await;
            let session = town.session(&p).await;
            let (secret, codes) = town.with_totp(&p).await;
            town.t.clock.advance(31_000);
            // In turns a code of the authenticator and a recovery code.
            let code = if round % 2 == 0 { code_at(&secret, town.t.house.now()) } else { codes[0].clone() };
            let gate = Gate::of(4);
            let mut tasks = Vec::new();
            for _ in 0..3 {
                let (people, by, half, code) = (town.people.clone(), town.by(), town.half(&p).await, code.clone());
                tasks.push(gate.run(async move { people::second_factor(&people, &by, &half, &code).await.map(|_| ()) }));
            }
            let (people, by) = (town.people.clone(), town.by());
            tasks.push(gate.run(async move {
                people::confirm_sudo(&people, &by, &session, PASSWORD, &code).await.map(|_| ())
            }));
            let mut got_in = 0;
            for task in tasks {
                match task.await.expect("no panic") {
                    Ok(()) => got_in += 1,
                    Err(Failure::Refused(Refusal::Invalid(_))) => {}
                    Err(e) => panic!("round {round}: {e:?}"),
                }
            }
            assert_eq!(got_in, 1, "round {round}");
            let full = town.count(&FULL_SESSIONS, &p).await;
            assert!((2..=3).contains(&full), "round {round}: {full} full sessions");
            assert_eq!(town.count(&UNUSED, &p).await, 10 - i64::try_from(round % 2).expect("small"));
        }
    }
}
