use simple_runtime::{RuntimeValue, Value, executor};

extern "C-unwind" fn chain(ctx: RuntimeValue) -> Value {
    let n = ctx.small_int().unwrap();
    if n == 0 { return Value::int(0); }
    let inner = Value::future(Some(chain), Value::int(n - 1));
    Value::int(inner.as_future().unwrap().wait().unwrap().as_int().unwrap() + 1)
}

#[test]
fn million() {
    executor::set_workers(1).unwrap();
    let f = Value::future(Some(chain), Value::int(1_000_000));
    f.as_future().unwrap().start();
    let v = f.as_future().unwrap().wait().unwrap();
    assert_eq!(v.as_int(), Some(1_000_000));
    executor::shutdown().unwrap();
}
