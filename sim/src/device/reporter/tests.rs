use super::*;

const PERIOD: Duration = Duration::from_secs(10);

fn second(second: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(second)
}

fn reporter(period: Option<Duration>) -> Reporter {
    Reporter::new(Token::parse(&[b'a'; Token::LEN]).expect("a token"), period)
}

fn order(reporter: &mut Reporter, at: u64, order: Order<'_>) -> Vec<String> {
    hear(reporter, at, Input::Order(order))
}

/// What it says, in short: `V0 = 1`, a status, or a remark.
fn hear(reporter: &mut Reporter, at: u64, input: Input<'_>) -> Vec<String> {
    reporter.handle_input(second(at), input);
    let name = |output| match output {
        Output::Request(request) => match *request {
            Request::Update { pin, value, .. } => format!("{pin} = {value}"),
            Request::SetStatus { status, .. } => format!("status {status}"),
            Request::OperatorSetStatus { .. } | Request::Command { .. } => unreachable!("it is no operator"),
        },
        Output::Remark(text) => text.into(),
        Output::Dial | Output::Send(_) | Output::Close | Output::Abandon | Output::Noted(_) => {
            unreachable!("a reporter has no connection: {output:?}")
        }
    };
    std::iter::from_fn(|| reporter.poll_output()).map(name).collect()
}

fn next(reporter: &Reporter) -> Option<Instant> {
    reporter.poll_timeout().map(|(at, _)| at)
}

#[test]
fn it_reports_at_once_and_then_each_period_without_drift() {
    let mut device = reporter(Some(PERIOD));
    assert_eq!(order(&mut device, 1, Order::Connect), ["V0 = 1"]);
    assert_eq!(next(&device), Some(second(11)));
    assert_eq!(hear(&mut device, 10, Input::Timeout), [""; 0]);
    assert_eq!(hear(&mut device, 11, Input::Timeout), ["V0 = 1"]);
    assert_eq!(next(&device), Some(second(21)));
}

#[test]
fn what_it_missed_in_a_freeze_is_said_once_and_the_rhythm_stays() {
    let mut device = reporter(Some(PERIOD));
    order(&mut device, 0, Order::Connect);
    assert_eq!(hear(&mut device, 35, Input::Timeout), ["V0 = 1"]);
    assert_eq!(next(&device), Some(second(40)));
}

#[test]
fn without_a_period_it_reports_once() {
    let mut device = reporter(None);
    assert_eq!(order(&mut device, 0, Order::Connect), ["V0 = 1"]);
    assert_eq!(next(&device), None);
    assert_eq!(order(&mut device, 1, Order::Connect), ["reports already"]);
}

#[test]
fn disconnect_ends_the_reports_but_not_what_its_owner_sends() {
    let mut device = reporter(Some(PERIOD));
    order(&mut device, 0, Order::Connect);
    assert_eq!(order(&mut device, 5, Order::Disconnect), [""; 0]);
    assert_eq!(next(&device), None);
    assert_eq!(order(&mut device, 6, Order::Write { pin: Pin(3), value: "x" }), ["V3 = x"]);
    assert_eq!(order(&mut device, 7, Order::Disconnect), ["does not report"]);
}

#[test]
fn power_comes_back_with_a_report_and_a_new_rhythm() {
    let mut device = reporter(Some(PERIOD));
    order(&mut device, 0, Order::Connect);
    order(&mut device, 5, Order::PowerOff);
    assert_eq!(next(&device), None);
    assert_eq!(order(&mut device, 6, Order::SetStatus("standby")), ["no power: discarded"]);
    assert_eq!(order(&mut device, 7, Order::PowerOn), ["V0 = 1"]);
    assert_eq!(next(&device), Some(second(17)));
}

#[test]
fn sleep_announces_the_status_and_reports_no_more() {
    let mut device = reporter(Some(PERIOD));
    order(&mut device, 0, Order::Connect);
    assert_eq!(order(&mut device, 5, Order::Sleep("standby")), ["status standby"]);
    assert_eq!(next(&device), None);
}

#[test]
fn a_period_of_nothing_does_not_hang_the_clock() {
    let mut device = reporter(Some(Duration::ZERO));
    order(&mut device, 0, Order::Connect);
    assert!(next(&device) > Some(second(0)));
}
