// The host's libqrencode: QR codes (ISO/IEC 18004).
#ifndef GATEHOUSE_CQRCODE_H
#define GATEHOUSE_CQRCODE_H

#include <qrencode.h>

#endif
