// Read by moc in front of every header. moc of Qt 6.4 cannot parse libstdc++'s <compare> unless the library's
// configuration header came first.
#include <cstddef>
