use super::*;
use crate::network::profiles;

const FIRST: ConnectionId = ConnectionId { line: 0, dialled: 1 };

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn share(percent: u32) -> Share {
    Share::from_millionths(percent * 10_000).expect("at most 100")
}

fn chance() -> Chance {
    Chance::new(7, FIRST, Direction::ToServer)
}

fn fate(quality: Quality, message: u32, losses: u32) -> Fate {
    chance().fate(Instant::ZERO, quality, Attempt { message, losses })
}

fn lost(latency: u64, jitter: u64) -> Quality {
    Quality { latency: millis(latency), jitter: millis(jitter), loss: Share::ALL }
}

#[test]
fn an_ideal_network_takes_no_time() {
    assert_eq!(fate(Quality::IDEAL, 0, 0), Fate::Arrives(at(0)));
    assert_eq!(fate(Quality::IDEAL, 5, 0), Fate::Arrives(at(0)));
}

#[test]
fn without_jitter_every_message_takes_the_latency() {
    let quality = Quality { latency: millis(30), ..Quality::IDEAL };
    assert!((0..100).all(|message| fate(quality, message, 0) == Fate::Arrives(at(30))));
}

#[test]
fn jitter_is_uniform_and_both_ends_are_drawn() {
    let quality = Quality { latency: millis(30), jitter: millis(3), ..Quality::IDEAL };
    let count =
        |when| (0..4_000).filter(|message| fate(quality, *message, 0) == Fate::Arrives(at(when))).count();
    assert_eq!([29, 30, 31, 32, 33, 34].map(count).iter().sum::<usize>(), 4_000);
    assert_eq!((count(29), count(34)), (0, 0));
    assert!([30, 31, 32, 33].map(count).iter().all(|count| (900..1_100).contains(count)));
}

#[test]
fn as_many_are_lost_as_the_loss_says() {
    let quality = Quality { loss: share(30), ..Quality::IDEAL };
    let lost = (0..10_000).filter(|message| matches!(fate(quality, *message, 0), Fate::SentAgain(_))).count();
    assert!((2_850..3_150).contains(&lost), "{lost}");
}

#[test]
fn a_lost_syn_is_sent_again_after_a_second_and_then_twice_as_late_each_time() {
    let again = [0, 1, 2, 3].map(|losses| fate(lost(400, 800), 0, losses));
    assert_eq!(again, [1_000, 2_000, 4_000, 8_000].map(at).map(Fate::SentAgain));
}

#[test]
fn on_an_open_connection_the_time_out_is_the_round_trip_and_what_linux_adds() {
    assert_eq!(fate(lost(0, 0), 1, 0), Fate::SentAgain(at(200)));
    assert_eq!(fate(lost(30, 0), 1, 0), Fate::SentAgain(at(260)));
    assert_eq!(fate(lost(30, 150), 1, 0), Fate::SentAgain(at(60 + 150 + 200)));
    assert_eq!(fate(lost(30, 153), 1, 0), Fate::SentAgain(at(60 + 153 + 204)));
    assert_eq!(fate(lost(30, 0), 1, 3), Fate::SentAgain(at(260 * 8)));
}

#[test]
fn doubling_ends_at_two_minutes() {
    assert_eq!(fate(lost(0, 0), 1, 9), Fate::SentAgain(at(102_400)));
    assert_eq!(fate(lost(0, 0), 1, 10), Fate::SentAgain(at(120_000)));
    assert_eq!(fate(lost(0, 0), 1, u32::MAX), Fate::SentAgain(at(120_000)));
}

#[test]
fn impairments_add_up_and_losses_are_independent() {
    let slow =
        impaired(impaired(Quality::IDEAL, Impairment::Slow(millis(100))), Impairment::Slow(millis(50)));
    assert_eq!(slow, Quality { latency: millis(150), ..Quality::IDEAL });
    let lossy = impaired(impaired(Quality::IDEAL, Impairment::Lose(share(50))), Impairment::Lose(share(20)));
    assert_eq!(lossy, Quality { loss: share(60), ..Quality::IDEAL });
    assert_eq!(impaired(lossy, Impairment::Lose(Share::ALL)).loss, Share::ALL);
    assert_eq!(impaired(lossy, Impairment::Drop), lossy);
}

#[test]
fn what_is_sent_elsewhere_or_again_has_its_own_numbers() {
    let quality = Quality { jitter: millis(1_000_000), ..Quality::IDEAL };
    let draw = |key, line, dialled, direction, message, losses| {
        let chance = Chance::new(key, ConnectionId { line, dialled }, direction);
        chance.fate(Instant::ZERO, quality, Attempt { message, losses })
    };
    let one = draw(7, 0, 1, Direction::ToServer, 2, 0);
    assert_eq!(draw(7, 0, 1, Direction::ToServer, 2, 0), one);
    assert_ne!(draw(8, 0, 1, Direction::ToServer, 2, 0), one);
    assert_ne!(draw(7, 1, 1, Direction::ToServer, 2, 0), one);
    assert_ne!(draw(7, 0, 2, Direction::ToServer, 2, 0), one);
    assert_ne!(draw(7, 0, 1, Direction::ToDevice, 2, 0), one);
    assert_ne!(draw(7, 0, 1, Direction::ToServer, 3, 0), one);
    assert_ne!(draw(7, 0, 1, Direction::ToServer, 2, 1), one);
}

#[test]
fn the_numbers_are_fixed_for_ever() {
    let wifi = profiles::find("wifi").expect("a profile");
    insta::assert_debug_snapshot!([0, 1, 2].map(|message| fate(wifi, message, 0)));
}
