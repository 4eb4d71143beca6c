// Command democentre makes a centre that does not exist and opens its console: a province
// of people who do not exist, an account for every role, authorisations, checks, and cases
// at every stage. It is for whoever wants to see hedui at work; nothing in it is real, and
// its passwords are in this file.
//
//	go run ./bench/democentre -hedui bin/hedui -dir demo-centre
//
// The directory is made once and taken up again the next time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hedui/hedui/bench/program"
	"github.com/hedui/hedui/bench/visitor"
)

func main() {
	if err := command(); err != nil {
		fmt.Fprintln(os.Stderr, "democentre:", err)
		os.Exit(1)
	}
}

// centre is the demonstration.
type centre struct {
	hedui, dir, listen string
	people             int
	staff              staff
}

func command() error {
	c := &centre{}
	var once bool
	flag.StringVar(&c.hedui, "hedui", "bin/hedui", "the built `program`")
	flag.StringVar(&c.dir, "dir", "demo-centre", "`directory` of the centre; made when it is not there")
	flag.StringVar(&c.listen, "listen", "127.0.0.1:8480", "`address` of the console")
	flag.IntVar(&c.people, "people", 20000, "how many people the province has")
	flag.BoolVar(&once, "once", false, "make the centre and end")
	flag.Parse()
	if flag.NArg() > 0 {
		return errors.New("this takes flags only")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fresh, err := c.make(ctx)
	if err != nil {
		return err
	}
	s, err := c.serve(ctx)
	if err != nil {
		return err
	}
	if fresh {
		err = c.settle(ctx)
	} else {
		err = c.staff.read(c.file("staff.json"))
	}
	if err == nil && !once {
		c.welcome()
		err = c.codes(ctx, s)
	}
	return errors.Join(err, s.Stop())
}

func (c *centre) file(name string) string { return filepath.Join(c.dir, name) }

// program is hedui, which Ctrl-C does not reach: this program ends it.
func (c *centre) program() program.Hedui { return program.Hedui{Path: c.hedui, Apart: true} }

// run runs a command of hedui.
func (c *centre) run(ctx context.Context, args ...string) (string, error) {
	out, err := c.program().Run(ctx, "", args...)
	return strings.TrimSpace(string(out)), err
}

// make makes the province, its store and the first account. It reports whether there was
// nothing before.
func (c *centre) make(ctx context.Context) (fresh bool, err error) {
	if _, err := os.Stat(c.file("staff.json")); err == nil {
		return false, nil
	}
	if _, err := os.Stat(c.dir); err == nil {
		return false, fmt.Errorf("%s was not finished; remove it and begin again", c.dir)
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return false, err
	}
	province, store := c.file("province"), c.file("store")
	say("正在生成虚构的数据：%d 人，五个部门……", c.people)
	if _, err := c.run(ctx, "gen", "--people", strconv.Itoa(c.people), "--seed", "7", "--out", province, "--dirty", "5"); err != nil {
		return false, err
	}
	for _, source := range []string{"tax", "vehicle", "property", "bank", "insurance"} {
		args := []string{"ingest", "--data", store, "--source", source, "--as-of", "2026-10-31"}
		if source == "tax" || source == "insurance" {
			args = append(args, "--covers", "2025-01..2026-10")
		}
		if _, err := c.run(ctx, append(args, filepath.Join(province, source+".csv"))...); err != nil {
			return false, err
		}
	}
	if _, err := c.run(ctx, "publish", "--data", store); err != nil {
		return false, err
	}
	if _, err := c.run(ctx, "audit", "keygen", "--private", c.file("audit.key"), "--public", c.file("audit.pub")); err != nil {
		return false, err
	}
	if _, err := c.run(ctx, "audit", "keygen", "--private", c.file("report.key"), "--public", c.file("report.pub")); err != nil {
		return false, err
	}
	c.staff.First, err = c.run(ctx, "users", "bootstrap", "--data", store, "--account", "anquan01", "--person", "P0001", "--display", "安全管理员", "--division", division)
	return true, err
}

func (c *centre) serve(ctx context.Context) (*program.Server, error) {
	if err := os.MkdirAll(c.file("anchor"), 0o700); err != nil {
		return nil, err
	}
	config := fmt.Sprintf("centre: 演示核对中心\ndata: %q\nschemes:\n  dibao: reference\nlisten: %s\naudit:\n  key: %q\n  anchor: %q\nreport:\n  key: %q\n  days: 180\nlimits:\n  per_minute: 6000\n",
		c.file("store"), c.listen, c.file("audit.key"), c.file("anchor"), c.file("report.key"))
	if err := os.WriteFile(c.file("hedui.yaml"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	s, err := c.program().Serve(c.listen, c.file("serve.log"), "--config", c.file("hedui.yaml"))
	if err != nil {
		return nil, err
	}
	if err := s.Await(ctx); err != nil {
		return nil, fmt.Errorf("is something else at %s? %s says why: %w", c.listen, c.file("serve.log"), err)
	}
	return s, nil
}

func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) }

// welcome says how to go on, in Chinese.
func (c *centre) welcome() {
	say("\n演示中心已经开放（数据全部虚构）。 The console is open; everything in it is made up.\n")
	say("  浏览器打开 Open:   http://%s/", c.listen)
	say("  口令 Password:     %s   （所有账户相同 the same for all）", password)
	say("  动态口令 Code:     见下表，每 30 秒更换 in the table below, new every 30 seconds\n")
	say("试一试：用 hedui01 登录 → “待办案件”里打开一户 → 看结论和依据 → 出具核对报告 → 打印。")
	say("按 Ctrl-C 结束 ends it.\n")
}

// codes shows who may sign in, and the codes of the half minute, until the end.
func (c *centre) codes(ctx context.Context, s *program.Server) error {
	for ctx.Err() == nil {
		now := time.Now()
		say("%s  %-12s %-8s %s", now.Format("15:04:05"), "账户", "动态口令", "角色")
		for _, p := range posts {
			code, err := visitor.TOTP(c.staff.Secrets[p.account], now)
			if err != nil {
				return err
			}
			say("          %-12s %-12s %s", p.account, code, p.display)
		}
		say("")
		half, stop := context.WithDeadline(ctx, now.Truncate(30*time.Second).Add(30*time.Second))
		ended := s.Wait(half)
		stop()
		if ended {
			return errors.New("the server ended; " + c.file("serve.log") + " says why")
		}
	}
	return nil
}
