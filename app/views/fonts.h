#pragma once

class QApplication;

namespace landline::app {

/// A desktop says which font it wants. Where none does (a bare machine, no platform theme) Qt takes the first that
/// fontconfig has, often DejaVu Sans; then a text font that is drawn for screens is taken if one is installed. Call
/// before the first window is made.
void chooseFont(QApplication& application);

}  // namespace landline::app
