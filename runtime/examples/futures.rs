//! Futures: computations that run when somebody needs them, alone or many at once.
//!
//! `cargo run -p simple-runtime --example futures`

use simple_runtime::{Value, executor, future};

fn sum_of_squares(end: i64) -> i64 {
    (1..=end).map(|i| i * i).sum()
}

/// Awaits `future`, which gives an integer.
fn int(future: &Value) -> i64 {
    let result = future.as_future().and_then(|future| future.wait());
    result.and_then(|value| value.as_int()).expect("a future of an integer")
}

/// Bodies await other futures, to any depth and with any number of workers: what has not
/// begun when it is awaited runs on the awaiting thread.
fn fibonacci(n: i64) -> Value {
    Value::future_of(move || {
        if n < 2 {
            return Value::int(n);
        }
        let (first, second) = (fibonacci(n - 1), fibonacci(n - 2));
        // The first may run on another worker while this thread runs the second.
        first.as_future().expect("made as a future").start();
        Value::int(int(&second) + int(&first))
    })
}

fn main() -> Result<(), executor::ExecutorError> {
    // Lazy: the body runs when the result is asked for, once.
    let future = fibonacci(15);
    let state = future.as_future().expect("made as a future").state();
    println!("begun: {}", if state.is_unbegun() { "no" } else { "yes" });
    println!("fibonacci(15) = {}", int(&future));

    // All at once, on as many workers as there are processors.
    let sum = |end| Value::future_of(move || Value::int(sum_of_squares(end)));
    let sums = future::all(&[10, 100, 1000].map(sum));
    let sums: Vec<_> = sums.iter().filter_map(Value::as_int).map(|n| n.to_string()).collect();
    println!("sums of squares: {}", sums.join(" "));

    // What has not begun can be called off; its error says so.
    let unwanted = fibonacci(40);
    let unwanted = unwanted.as_future().expect("made as a future");
    unwanted.cancel();
    let error = unwanted.error();
    println!("error: {}", error.as_ref().and_then(Value::as_str).unwrap_or("none"));

    executor::shutdown()
}
