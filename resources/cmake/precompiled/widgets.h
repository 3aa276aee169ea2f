#pragma once

#include "qt.h"

#include <QAbstractListModel>
#include <QApplication>
#include <QBoxLayout>
#include <QDialog>
#include <QIcon>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QWidget>
