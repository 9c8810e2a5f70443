// attack: Messages by the hundred megabytes: each wrong call is told with all of 900 functions that do not fit, and their long names.
// route: compile bombs
// class: stopped
// verdict: build
// message: error:

#include "mm/allocation.h"

template <typename...> struct a_name_of_some_letters_that_each_message_has_again {};
template <typename T, int n> struct longer : longer<a_name_of_some_letters_that_each_message_has_again<T>, n - 1> {};
template <typename T> struct longer<T, 0> { using type = T; };
using name = longer<int, 60>::type;
template <int n> struct only {};
struct functions {
#define F(n) int f(name, only<n>);
#define TEN(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define HUNDRED(n) TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)
    HUNDRED(1) HUNDRED(2) HUNDRED(3) HUNDRED(4) HUNDRED(5) HUNDRED(6) HUNDRED(7) HUNDRED(8) HUNDRED(9)
} all;
#define WRONG(n) int a##n = all.f(n);
#define TEN_WRONG(n) WRONG(n##0) WRONG(n##1) WRONG(n##2) WRONG(n##3) WRONG(n##4) WRONG(n##5) WRONG(n##6) WRONG(n##7) WRONG(n##8) WRONG(n##9)
#define MANY(n) TEN_WRONG(n##0) TEN_WRONG(n##1) TEN_WRONG(n##2) TEN_WRONG(n##3) TEN_WRONG(n##4) TEN_WRONG(n##5) TEN_WRONG(n##6) TEN_WRONG(n##7)
MANY(1) MANY(2) MANY(3) MANY(4) MANY(5) MANY(6) MANY(7) MANY(8) MANY(9)
