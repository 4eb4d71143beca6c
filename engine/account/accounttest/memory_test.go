package accounttest_test

import (
	"testing"

	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/account/accounttest"
)

func TestMemory(t *testing.T) {
	accounttest.Run(t, func(*testing.T) account.Store { return accounttest.NewMemory() })
}
