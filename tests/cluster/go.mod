// The small programs of the test cluster: nothing but Go's standard library.
module kapi/tests/cluster

go 1.26.0
